-- What comes back: the mailboxes that are read, what was found in them, and what it came to.

-- stop_on_reply: whether an answer stops the lead in its campaign, or in every campaign of the workspace. uncertain_policy: what becomes of an
-- uncertain message that is not in the Sent folder of a mailbox that keeps copies.
alter table workspaces add column stop_on_reply text not null default 'campaign';
alter table workspaces add constraint workspaces_stop_on_reply check (stop_on_reply in ('campaign', 'workspace'));
alter table workspaces add column uncertain_policy text not null default 'hold';
alter table workspaces add constraint workspaces_uncertain_policy check (uncertain_policy in ('hold', 'resend'));

-- away_until: the lead said to be away until then; whatever is due for it, is due then at the earliest. unsubscribed_at: when it unsubscribed by
-- a letter of this campaign, however it ended before.
alter table enrollments add column away_until timestamptz;
alter table enrollments add column unsubscribed_at timestamptz;
alter table enrollments no force row level security;
update enrollments set unsubscribed_at = updated_at where state = 'unsubscribed';
alter table enrollments force row level security;

-- How many leads answered a message of that account and day for the first time.
alter table ledger add column replied integer not null default 0;
alter table ledger add constraint ledger_replied check (replied >= 0);

-- bounce_type: of a bounced or refused message: whether its address is dead.
alter table messages add column bounce_type text;
alter table messages add constraint messages_bounce_type check (bounce_type in ('hard', 'soft'));

-- When an uncertain message is looked for again in its account's Sent folder; null if it was not looked for yet.
alter table messages add column look_at timestamptz;

-- What came back, each letter once. digest: of what makes it this letter, so that it counts once however often it is read. enrollment_id: whose
-- message it answers; null if only the lead is known. email, text and the like are forgotten with the person: the row stays, for a letter that is
-- read again. classified_by: who said what it means, the rules, a model or a person. recipients: of a bounce or complaint. about_message_id: of the message it is about, null if none is known.
create table replies (
  workspace_id uuid not null,
  id uuid not null,
  digest bytea not null,
  sender_account_id uuid not null,
  enrollment_id uuid,
  campaign_id uuid,
  lead_id uuid,
  about_message_id uuid,
  kind text not null check (kind in ('bounce', 'complaint', 'out_of_office', 'auto_reply', 'unsubscribe', 'reply')),
  classification text not null check (
    classification in ('interested', 'not_interested', 'out_of_office', 'bounce', 'unsubscribe', 'referral', 'other')),
  classified_by text not null default 'rules' check (classified_by in ('rules', 'model', 'person')),
  email text not null,
  name text not null default '',
  subject text not null default '',
  message_id text not null default '',
  reference_ids text[] not null default '{}',
  new_text text not null default '',
  quoted_text text not null default '',
  headers jsonb not null default '{}',
  recipients jsonb not null default '[]',
  evidence text[] not null default '{}',
  matched_by text not null,
  return_on date,
  referral text,
  received_at timestamptz not null,
  created_at timestamptz not null,
  constraint replies_pkey primary key (workspace_id, id),
  constraint replies_digest_key unique (workspace_id, digest),
  constraint replies_account_fkey foreign key (workspace_id, sender_account_id) references sender_accounts (workspace_id, id)
);
create index replies_listed on replies (workspace_id, received_at, id);
create index replies_by_campaign on replies (workspace_id, campaign_id, received_at, id);
create index replies_by_enrollment on replies (workspace_id, enrollment_id);
create index replies_by_lead on replies (workspace_id, lead_id);
create index replies_by_message_id on replies (workspace_id, message_id) where message_id <> '';

-- The mailbox of an account that has imap, and who reads it. lease_until: until then nobody else does; what could not be read is left alone
-- until then. read_at: when it was last found to be read to its end. keeps_copies: whether
-- messages that it certainly sent were in its Sent folder when it was looked at last, at copies_seen_at; null while nobody knows.
create table mailboxes (
  workspace_id uuid not null,
  sender_account_id uuid not null,
  reader text,
  lease_until timestamptz not null default '-infinity',
  read_at timestamptz,
  keeps_copies boolean,
  copies_seen_at timestamptz,
  constraint mailboxes_pkey primary key (workspace_id, sender_account_id),
  constraint mailboxes_account_fkey foreign key (workspace_id, sender_account_id)
    references sender_accounts (workspace_id, id) on delete cascade
);
create index mailboxes_lease on mailboxes (lease_until);

-- How far each of its folders has been read: letters below uid_next are known.
create table mailbox_folders (
  workspace_id uuid not null,
  sender_account_id uuid not null,
  name text not null,
  uid_validity bigint not null,
  uid_next bigint not null,
  constraint mailbox_folders_pkey primary key (workspace_id, sender_account_id, name),
  constraint mailbox_folders_mailbox_fkey foreign key (workspace_id, sender_account_id)
    references mailboxes (workspace_id, sender_account_id) on delete cascade
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['replies', 'mailboxes', 'mailbox_folders']
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

-- Which mailboxes nobody reads.
create policy scheduler on mailboxes for select to leadterra_scheduler using (true);
grant select (workspace_id, sender_account_id, lease_until) on mailboxes to leadterra_scheduler;

-- Accounts that can be read have a mailbox from now on. The policies are for the program's role; the owner is let through for a moment.
alter table sender_accounts no force row level security;
alter table mailboxes no force row level security;
insert into mailboxes (workspace_id, sender_account_id)
select workspace_id, id from sender_accounts where imap_host is not null and removed_at is null;
alter table mailboxes force row level security;
alter table sender_accounts force row level security;
