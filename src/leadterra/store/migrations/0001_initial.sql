-- The whole schema. Rules in docs/explanation/distribution.md: every tenant key begins with workspace_id, no triggers,
-- no identity columns, row-level security forced, life cycles repeated as CHECK constraints.

-- The program's role and the scheduler's. Neither owns anything, neither can log in unless the operator says so, and
-- neither bypasses row-level security. A cluster may hold several databases of ours, so the roles may exist already.
do $$
begin
  if not exists (select from pg_roles where rolname = 'leadterra_app') then
    create role leadterra_app nologin nosuperuser nobypassrls noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'leadterra_scheduler') then
    create role leadterra_scheduler nologin nosuperuser nobypassrls noinherit;
  end if;
exception when duplicate_object or unique_violation then
  null;
end
$$;

grant leadterra_scheduler to leadterra_app;

-- Which workspace the transaction is of. Null outside of a unit of work, so that every policy refuses every row.
create function leadterra_workspace() returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('leadterra.workspace_id', true), '')::uuid $$;

-- Begin a unit of work: the role and the workspace, both until the end of the transaction.
create function leadterra_enter(workspace uuid) returns void
language plpgsql
as $$
begin
  set local role leadterra_app;
  execute format('set local leadterra.workspace_id = %L', workspace);
end
$$;

create table workspaces (
  workspace_id uuid not null,
  name text not null check (length(name) between 1 and 200),
  mode text not null check (mode in ('live', 'test')),
  daily_quota integer check (daily_quota >= 0),
  postal_address text not null default '',
  min_gap_seconds double precision not null default 0 check (min_gap_seconds >= 0),
  link_secret bytea not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint workspaces_pkey primary key (workspace_id)
);

-- The pool: one row a workspace, and the one lock that ledger, claims and events are changed under.
-- wake_at: the next instant at which a claim may find something to do. claim_number: the last fence given out.
-- rotation_after: the account chosen last. turn: where the mix of follow-ups and first steps stands. message_domain: right side of every Message-ID of the workspace.
create table sender_pools (
  workspace_id uuid not null,
  id uuid not null,
  wake_at timestamptz not null default 'infinity',
  claim_number bigint not null default 0,
  event_number bigint not null default 0,
  rotation_after uuid,
  turn smallint not null default 0,
  message_domain text,
  exhausted_on date,
  constraint sender_pools_pkey primary key (workspace_id),
  constraint sender_pools_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);
create index sender_pools_wake on sender_pools (wake_at);

-- secret_hash: SHA-256 of the key's secret part; the key itself carries the workspace, so a look-up knows its shard.
create table api_keys (
  workspace_id uuid not null,
  id uuid not null,
  label text not null,
  scopes text[] not null,
  secret_hash bytea not null,
  last_four text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  constraint api_keys_pkey primary key (workspace_id, id),
  constraint api_keys_secret_key unique (workspace_id, secret_hash),
  constraint api_keys_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);

-- One mailbox identity. removed_at: a tombstone without secrets; the same address created again revives it, ledger included.
-- next_send_at: spacing. rest_until: health (R9). failures: consecutive refusals that concern the account.
create table sender_accounts (
  workspace_id uuid not null,
  id uuid not null,
  email text not null,
  email_key text not null,
  email_domain text not null,
  name text not null,
  status text not null check (status in ('active', 'warming', 'paused')),
  status_reason text,
  daily_limit integer not null check (daily_limit between 1 and 100000),
  smtp_host text,
  smtp_port integer check (smtp_port between 1 and 65535),
  smtp_security text check (smtp_security in ('starttls', 'tls', 'none')),
  smtp_username text,
  smtp_password bytea,
  imap_host text,
  imap_port integer check (imap_port between 1 and 65535),
  imap_security text check (imap_security in ('starttls', 'tls', 'none')),
  imap_username text,
  imap_password bytea,
  min_gap_seconds double precision check (min_gap_seconds >= 0),
  next_send_at timestamptz,
  rest_until timestamptz,
  rest_reason text,
  failures integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  removed_at timestamptz,
  constraint sender_accounts_pkey primary key (workspace_id, id),
  constraint sender_accounts_email_key unique (workspace_id, email_key),
  constraint sender_accounts_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);
create index sender_accounts_listed on sender_accounts (workspace_id, created_at, id) where removed_at is null;

-- The exact account of each unit of quota (R2). daily_limit: as it was at the last claim of that day.
create table ledger (
  workspace_id uuid not null,
  day date not null,
  sender_account_id uuid not null,
  daily_limit integer not null,
  sent integer not null default 0 check (sent >= 0),
  uncertain integer not null default 0 check (uncertain >= 0),
  reserved integer not null default 0 check (reserved >= 0),
  constraint ledger_pkey primary key (workspace_id, day, sender_account_id),
  constraint ledger_account_fkey foreign key (workspace_id, sender_account_id) references sender_accounts (workspace_id, id)
);

create table campaigns (
  workspace_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 200),
  status text not null check (status in ('draft', 'running', 'paused')),
  on_missing_variable text not null default 'empty' check (on_missing_variable in ('empty', 'hold')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  started_at timestamptz,
  paused_at timestamptz,
  removed_at timestamptz,
  constraint campaigns_pkey primary key (workspace_id, id),
  constraint campaigns_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade,
  constraint campaigns_started check (status = 'draft' or started_at is not null)
);
create index campaigns_listed on campaigns (workspace_id, created_at, id) where removed_at is null;
create index campaigns_running on campaigns (workspace_id, id) where status = 'running' and removed_at is null;

-- What happened in a campaign, counted in the transaction in which it happened. waiting is not counted here: what is
-- queued and what is scheduled differ by the hour.
create table campaign_totals (
  workspace_id uuid not null,
  campaign_id uuid not null,
  enrolled bigint not null default 0,
  open bigint not null default 0,
  sent bigint not null default 0,
  bounced bigint not null default 0,
  failed bigint not null default 0,
  uncertain bigint not null default 0,
  replied bigint not null default 0,
  unsubscribed bigint not null default 0,
  constraint campaign_totals_pkey primary key (workspace_id, campaign_id),
  constraint campaign_totals_campaign_fkey foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade
);

create table sequence_steps (
  workspace_id uuid not null,
  id uuid not null,
  campaign_id uuid not null,
  position smallint not null check (position between 0 and 19),
  subject text not null,
  body_html text not null,
  body_text text,
  delay_days double precision not null check (delay_days between 0 and 365),
  thread_reply boolean not null,
  updated_at timestamptz not null,
  constraint sequence_steps_pkey primary key (workspace_id, id),
  constraint sequence_steps_position_key unique (workspace_id, campaign_id, position) deferrable initially deferred,
  constraint sequence_steps_campaign_fkey foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade
);

create table leads (
  workspace_id uuid not null,
  id uuid not null,
  email text not null,
  email_key text not null,
  email_domain text not null,
  first_name text,
  last_name text,
  company text,
  job_title text,
  custom_fields jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint leads_pkey primary key (workspace_id, id),
  constraint leads_email_key unique (workspace_id, email_key),
  constraint leads_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);
create index leads_domain on leads (workspace_id, email_domain);

-- One lead in one campaign. position: how many steps are behind it, so the index of the step that is next.
-- attempt: how often the next message was deferred. sender_account_id: whom it is bound to, null before its first message.
-- claim_number: the claim that holds its next message now. lead_id stays when a lead is erased; nothing personal is here.
create table enrollments (
  workspace_id uuid not null,
  id uuid not null,
  campaign_id uuid not null,
  lead_id uuid not null,
  state text not null check (state in (
    'waiting', 'sending', 'uncertain', 'held', 'paused',
    'finished', 'replied', 'bounced', 'unsubscribed', 'suppressed', 'failed', 'removed')),
  state_reason text,
  position smallint not null default 0 check (position >= 0),
  attempt smallint not null default 0 check (attempt >= 0),
  due_at timestamptz not null,
  last_sent_at timestamptz,
  sender_account_id uuid,
  claim_number bigint,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint enrollments_pkey primary key (workspace_id, id),
  constraint enrollments_lead_key unique (workspace_id, campaign_id, lead_id),
  constraint enrollments_campaign_fkey foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade,
  constraint enrollments_claimed check (state <> 'sending' or claim_number is not null),
  constraint enrollments_unclaimed check (state <> 'waiting' or claim_number is null)
);
-- Due work by account, oldest first; the hot look-up of every claim.
create index enrollments_due on enrollments (workspace_id, campaign_id, sender_account_id, due_at, id) where state = 'waiting';
-- What is queued and what is scheduled, and when the next becomes due.
create index enrollments_waiting on enrollments (workspace_id, campaign_id, due_at) include (attempt) where state = 'waiting';
create index enrollments_by_lead on enrollments (workspace_id, lead_id);

-- One step for one enrollment, at most once: the primary key is R6. id = enrollment id + ordinal.
-- fence: the number of the claim that holds or last held it. day: the UTC day its unit was taken of. data_at: when it was
-- cleared for DATA; a lost claim without it was certainly not sent. refusal_scope: whom a refusal concerned. deferrals: attempts that
-- were deferred for the recipient's sake.
create table messages (
  workspace_id uuid not null,
  enrollment_id uuid not null,
  step_id uuid not null,
  id uuid not null,
  campaign_id uuid not null,
  lead_id uuid not null,
  step_position smallint not null,
  sender_account_id uuid not null,
  state text not null check (state in ('queued', 'sending', 'sent', 'deferred', 'refused', 'uncertain', 'bounced', 'cancelled')),
  state_reason text,
  refusal_scope text check (refusal_scope in ('recipient', 'account', 'server', 'letter')),
  fence bigint not null,
  day date not null,
  attempts smallint not null default 0,
  deferrals smallint not null default 0,
  subject text,
  created_at timestamptz not null,
  claimed_at timestamptz not null,
  data_at timestamptz,
  settled_at timestamptz,
  constraint messages_pkey primary key (workspace_id, enrollment_id, step_id)
);
create index messages_listed on messages (workspace_id, created_at, id);
create index messages_by_campaign on messages (workspace_id, campaign_id, created_at, id);
create index messages_by_account on messages (workspace_id, sender_account_id, created_at, id);
create index messages_by_fence on messages (workspace_id, fence) where state = 'sending';
create index messages_unsent on messages (workspace_id, state, created_at, id) where state <> 'sent';

create table attempts (
  workspace_id uuid not null,
  enrollment_id uuid not null,
  step_id uuid not null,
  number smallint not null,
  sender_account_id uuid not null,
  outcome text not null check (outcome in ('accepted', 'deferred', 'refused', 'uncertain')),
  scope text check (scope in ('recipient', 'account', 'server')),
  server text not null,
  command text not null,
  code smallint,
  enhanced_code text,
  answer text not null,
  started_at timestamptz not null,
  data_at timestamptz,
  ended_at timestamptz not null,
  constraint attempts_pkey primary key (workspace_id, enrollment_id, step_id, number),
  constraint attempts_message_fkey foreign key (workspace_id, enrollment_id, step_id)
    references messages (workspace_id, enrollment_id, step_id) on delete cascade
);

-- A worker's hold on the messages of one claim, renewed while it works. Past lease_until anyone may recover them.
create table claims (
  workspace_id uuid not null,
  number bigint not null,
  worker text not null,
  lease_until timestamptz not null,
  constraint claims_pkey primary key (workspace_id, number),
  constraint claims_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);

-- Whom this workspace never writes to again. hash: SHA-256 of the normalised address or domain; value is forgotten with the person.
create table suppressions (
  workspace_id uuid not null,
  hash bytea not null,
  kind text not null check (kind in ('email', 'domain')),
  id uuid not null,
  value text,
  reason text not null,
  source text not null,
  created_at timestamptz not null,
  constraint suppressions_pkey primary key (workspace_id, hash),
  constraint suppressions_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);
create index suppressions_listed on suppressions (workspace_id, created_at, id);

-- The ordered log: numbers are gap-free a workspace, given under the pool's lock.
create table events (
  workspace_id uuid not null,
  number bigint not null,
  id uuid not null,
  type text not null,
  at timestamptz not null,
  payload jsonb not null,
  constraint events_pkey primary key (workspace_id, number),
  constraint events_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);

-- fingerprint: SHA-256 of the source, so that an interrupted import of the same file goes on where it stopped.
create table imports (
  workspace_id uuid not null,
  id uuid not null,
  campaign_id uuid not null,
  fingerprint bytea not null,
  source text not null,
  state text not null check (state in ('running', 'done')),
  rows_read bigint not null default 0,
  enrolled bigint not null default 0,
  updated bigint not null default 0,
  skipped bigint not null default 0,
  invalid bigint not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint imports_pkey primary key (workspace_id, id),
  constraint imports_campaign_fkey foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade
);
create unique index imports_running on imports (workspace_id, campaign_id, fingerprint) where state = 'running';

-- The first answer to a request with an Idempotency-Key, kept for 24 hours. owner: who works on it now, until locked_until.
create table idempotency_keys (
  workspace_id uuid not null,
  key text not null check (length(key) between 1 and 255),
  request_hash bytea not null,
  owner uuid not null,
  locked_until timestamptz not null,
  status smallint,
  headers jsonb,
  body bytea,
  created_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (workspace_id, key),
  constraint idempotency_keys_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);
create index idempotency_keys_age on idempotency_keys (workspace_id, created_at);

-- Who is at work, for readyz. Global, small, one row a process: the sole table without a workspace besides the schema's version.
create table workers (
  id uuid not null,
  host text not null,
  pid integer not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  constraint workers_pkey primary key (id)
);
grant select, insert, update, delete on workers to leadterra_app;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array[
    'workspaces', 'sender_pools', 'api_keys', 'sender_accounts', 'ledger', 'campaigns', 'campaign_totals', 'sequence_steps',
    'leads', 'enrollments', 'messages', 'attempts', 'claims', 'suppressions', 'events', 'imports', 'idempotency_keys']
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

-- What the scheduler may see across workspaces: when pools wake, and which workspaces there are. Nothing else.
create policy scheduler on sender_pools for select to leadterra_scheduler using (true);
grant select (workspace_id, wake_at) on sender_pools to leadterra_scheduler;
create policy scheduler on workspaces for select to leadterra_scheduler using (true);
grant select (workspace_id, name) on workspaces to leadterra_scheduler;
