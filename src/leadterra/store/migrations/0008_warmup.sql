-- Warm-up (R8): a ramp under the daily limit, letters between a workspace's own mailboxes, and where they arrived.

-- ramp_limit: today's limit while the account's ramp goes on, null for none. limit_in_force: what ledger, claims and capacity go by; everything
-- else that bears the name daily_limit of an account is what a person has set, and where the ramp ends.
alter table sender_accounts add column ramp_limit integer;
alter table sender_accounts add constraint sender_accounts_ramp check (ramp_limit between 1 and 100000);
alter table sender_accounts add column limit_in_force integer generated always as (least(daily_limit, ramp_limit)) stored;

-- How many attempts of an account's day failed for its own or its server's sake. No units; what the ramp's clean days are judged by.
alter table ledger add column troubled integer not null default 0;
alter table ledger add constraint ledger_troubled check (troubled >= 0);

-- One account's warm-up. first_limit, step, days: as `domain.warmup.WarmupRule`. started_at: null while only settings are kept here.
-- looked_on: the UTC day that limit, clean_days and frozen_by were last found for. graduated_at: when it became active by itself.
-- next_letter_at: not before goes its next letter. checked_on, check_failure: when an account without partners was last checked, and what
-- failed. due_at: when a worker is to look.
create table warmups (
  workspace_id uuid not null,
  sender_account_id uuid not null,
  first_limit integer not null check (first_limit between 1 and 1000),
  step integer not null check (step between 1 and 1000),
  days integer not null check (days between 1 and 365),
  started_at timestamptz,
  looked_on date,
  clean_days integer not null default 0 check (clean_days >= 0),
  frozen_by text check (frozen_by in ('complaints', 'bounces', 'errors', 'placement', 'reputation', 'check_failed', 'idle')),
  graduated_at timestamptz,
  next_letter_at timestamptz,
  checked_on date,
  check_failure text,
  due_at timestamptz not null default 'infinity',
  constraint warmups_pkey primary key (workspace_id, sender_account_id),
  constraint warmups_account_fkey foreign key (workspace_id, sender_account_id) references sender_accounts (workspace_id, id) on delete cascade,
  constraint warmups_begun check ((started_at is null) = (looked_on is null))
);
create index warmups_due on warmups (due_at) where due_at < 'infinity';

-- One letter between two mailboxes of the workspace. number: of its sender's day. fence, lease_until: of the worker that has it; a lease that
-- runs out makes it cancelled, or uncertain if it was cleared for DATA. day: whose unit it took. placement: where it was found, null while
-- nobody knows; look_at: when its mailbox is to be asked, null when that is over; looks: how often it was.
create table warmup_letters (
  workspace_id uuid not null,
  id uuid not null,
  sender_account_id uuid not null,
  recipient_account_id uuid not null,
  number integer not null,
  state text not null check (state in ('sending', 'sent', 'uncertain', 'refused', 'bounced', 'cancelled')),
  state_reason text,
  fence bigint not null,
  day date not null,
  lease_until timestamptz not null,
  claimed_at timestamptz not null,
  data_at timestamptz,
  settled_at timestamptz,
  placement text check (placement in ('inbox', 'spam', 'missing')),
  look_at timestamptz,
  looks smallint not null default 0,
  constraint warmup_letters_pkey primary key (workspace_id, id),
  constraint warmup_letters_sender_fkey foreign key (workspace_id, sender_account_id) references sender_accounts (workspace_id, id),
  constraint warmup_letters_recipient_fkey foreign key (workspace_id, recipient_account_id) references sender_accounts (workspace_id, id),
  constraint warmup_letters_settled check ((state = 'sending') = (settled_at is null)),
  constraint warmup_letters_placed check (placement is null or state in ('sent', 'bounced'))
);
create index warmup_letters_by_sender on warmup_letters (workspace_id, sender_account_id, day);
create index warmup_letters_sending on warmup_letters (workspace_id, lease_until) where state = 'sending';
create index warmup_letters_looks on warmup_letters (look_at) where look_at is not null;
alter table warmups alter column workspace_id set statistics 0;
alter table warmup_letters alter column workspace_id set statistics 0;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['warmups', 'warmup_letters']
  loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy workspace on %I to leadterra_app using (workspace_id = leadterra_workspace()) with check (workspace_id = leadterra_workspace())',
      tenant_table);
    execute format('grant select, insert, update, delete on %I to leadterra_app', tenant_table);
    execute format('create policy scheduler on %I for select to leadterra_scheduler using (true)', tenant_table);
  end loop;
end
$$;

-- What the scheduler may see across workspaces: in which of them a warm-up, or a letter's mailbox, is to be looked at.
grant select (workspace_id, due_at) on warmups to leadterra_scheduler;
grant select (workspace_id, look_at) on warmup_letters to leadterra_scheduler;

-- Accounts that were `warming` before there was a warm-up begin now. The policies are for the program's role; the owner is let through for a
-- moment.
alter table sender_accounts no force row level security;
alter table warmups no force row level security;
insert into warmups (workspace_id, sender_account_id, first_limit, step, days, started_at, looked_on, due_at)
select workspace_id, id, 5, 2, 14, updated_at, (updated_at at time zone 'UTC')::date, updated_at
from sender_accounts where status = 'warming' and removed_at is null;
update sender_accounts set ramp_limit = 5 where status = 'warming' and removed_at is null;
alter table warmups force row level security;
alter table sender_accounts force row level security;
