-- Health (R9): how often an account's letters come back, what its mailbox says, and domains that take no mail (docs/explanation/health.md).

-- is_watched: something came back while too little was sent to judge; each settlement looks again until there is enough.
alter table sender_accounts add column is_watched boolean not null default false;

-- judged_from: messages begun later are all that is judged; a person activated the account then. paused_from: what it was before it was
-- paused for a refused login. mailbox_*: the reading of its mail, apart from its sending: consecutive failures, not before when it is tried
-- again, what kind of trouble, and the server's words. An account without a row has never had anything of this.
create table account_health (
  workspace_id uuid not null,
  sender_account_id uuid not null,
  judged_from timestamptz,
  paused_from text check (paused_from in ('active', 'warming')),
  mailbox_failures integer not null default 0 check (mailbox_failures >= 0),
  mailbox_rest_until timestamptz,
  mailbox_trouble text check (mailbox_trouble in ('login', 'server', 'folder')),
  mailbox_reason text,
  constraint account_health_pkey primary key (workspace_id, sender_account_id),
  constraint account_health_account_fkey foreign key (workspace_id, sender_account_id) references sender_accounts (workspace_id, id) on delete cascade
);

-- Recipients who told their provider that a letter is spam. id: of the letter where it is known, so that a report that is read twice counts
-- once. Nothing personal is here.
create table complaints (
  workspace_id uuid not null,
  id uuid not null,
  sender_account_id uuid not null,
  enrollment_id uuid,
  step_id uuid,
  complained_at timestamptz not null,
  constraint complaints_pkey primary key (workspace_id, id),
  constraint complaints_account_fkey foreign key (workspace_id, sender_account_id) references sender_accounts (workspace_id, id) on delete cascade
);
create index complaints_by_account on complaints (workspace_id, sender_account_id, complained_at);

-- Recipients' domains of which a server said that there are none, or that they take no mail. is_dead: two letters were told so, one after
-- the other's rest. rest_until: nothing is sent there before. enrollment_id: whose letter was told last.
create table dead_domains (
  workspace_id uuid not null,
  domain text not null,
  is_dead boolean not null,
  enrollment_id uuid not null,
  reason text not null,
  rest_until timestamptz not null,
  constraint dead_domains_pkey primary key (workspace_id, domain),
  constraint dead_domains_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['account_health', 'complaints', 'dead_domains']
  loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy workspace on %I to leadterra_app using (workspace_id = leadterra_workspace()) with check (workspace_id = leadterra_workspace())',
      tenant_table);
    execute format('grant select, insert, update, delete on %I to leadterra_app', tenant_table);
  end loop;
end
$$;
