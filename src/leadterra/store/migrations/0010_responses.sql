-- Answers of people to what came back, and what a language model is asked about it.

-- One answer to a reply, one letter to its sender. address_hashes: of the recipient's address and domain and of the lead's, as suppressions have
-- them. references: Message-IDs of the thread, oldest first; the last is answered. due_at: when a worker is to look: from then on while it is
-- queued, the end of the lease while it is being sent, null for good. fence, lease_until, day, claimed_at: of the claim that has it; day is whose unit
-- it took, null while it has none. attempts: conversations about it; deferrals: of these, deferred for the recipient's sake; waits: how often it had
-- to wait. held_by: what keeps it queued, for people. Recipient and words are forgotten with the person.
create table responses (
  workspace_id uuid not null,
  id uuid not null,
  reply_id uuid not null,
  enrollment_id uuid,
  lead_id uuid,
  sender_account_id uuid not null,
  state text not null check (state in ('queued', 'sending', 'sent', 'uncertain', 'refused', 'bounced', 'cancelled')),
  state_reason text,
  refusal_scope text check (refusal_scope in ('recipient', 'account', 'server', 'letter')),
  recipient text not null,
  recipient_name text not null,
  address_hashes bytea[] not null,
  subject text not null,
  body_html text not null,
  body_text text not null,
  message_id text not null,
  reference_ids text[] not null,
  due_at timestamptz,
  held_by text,
  attempts integer not null default 0,
  deferrals integer not null default 0,
  waits integer not null default 0,
  fence bigint,
  lease_until timestamptz,
  day date,
  claimed_at timestamptz,
  data_at timestamptz,
  settled_at timestamptz,
  created_at timestamptz not null,
  constraint responses_pkey primary key (workspace_id, id),
  constraint responses_reply_fkey foreign key (workspace_id, reply_id) references replies (workspace_id, id),
  constraint responses_sender_fkey foreign key (workspace_id, sender_account_id) references sender_accounts (workspace_id, id),
  constraint responses_due check ((state in ('queued', 'sending')) = (due_at is not null)),
  constraint responses_settled check ((state in ('queued', 'sending')) = (settled_at is null)),
  constraint responses_claimed check (state not in ('sending', 'sent', 'uncertain', 'bounced') or (day is not null and fence is not null)),
  constraint responses_refused check ((state = 'refused') = (refusal_scope is not null))
);
create index responses_due on responses (due_at) where due_at is not null;
create index responses_waiting on responses (workspace_id, sender_account_id) where state = 'queued';
create index responses_sending on responses (workspace_id, lease_until) where state = 'sending';
create index responses_by_reply on responses (workspace_id, reply_id);
create index responses_by_enrollment on responses (workspace_id, enrollment_id);
create index responses_by_lead on responses (workspace_id, lead_id);
create index responses_by_sender on responses (workspace_id, sender_account_id, day);
alter table responses alter column workspace_id set statistics 0;

-- ask_at: when a language model is to be asked what a reply means that the rules made nothing of; null if it is not. asked: how often it was.
alter table replies add column ask_at timestamptz;
alter table replies add column asked smallint not null default 0;
create index replies_ask on replies (ask_at) where ask_at is not null;

alter table responses enable row level security;
alter table responses force row level security;
create policy workspace on responses to leadterra_app using (workspace_id = leadterra_workspace()) with check (workspace_id = leadterra_workspace());
grant select, insert, update, delete on responses to leadterra_app;

-- What the scheduler may see across workspaces: in which of them an answer waits, or a model is to be asked.
create policy scheduler on responses for select to leadterra_scheduler using (true);
grant select (workspace_id, due_at) on responses to leadterra_scheduler;
create policy scheduler on replies for select to leadterra_scheduler using (true);
grant select (workspace_id, ask_at) on replies to leadterra_scheduler;
