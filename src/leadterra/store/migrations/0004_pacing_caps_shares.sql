-- Pacing and windows, caps at every level, fair shares, policies for lost senders, variants.

-- pacing_mode: null goes by the workspace's mode, `spread` for live, `asap` for test. min_gap_seconds, jitter: null for the usual.
alter table workspaces alter column min_gap_seconds drop default;
alter table workspaces alter column min_gap_seconds drop not null;
alter table workspaces add column pacing_mode text;
alter table workspaces add constraint workspaces_pacing check (pacing_mode in ('spread', 'asap'));
alter table workspaces add column jitter double precision;
alter table workspaces add constraint workspaces_jitter check (jitter between 0 and 1);
alter table workspaces add column sending_domain_daily_limit integer;
alter table workspaces add constraint workspaces_sending_domain check (sending_domain_daily_limit >= 1);
alter table workspaces add column recipient_domain_daily_limit integer;
alter table workspaces add constraint workspaces_recipient_domain check (recipient_domain_daily_limit >= 1);
alter table workspaces add column recipient_domain_hourly_limit integer;
alter table workspaces add constraint workspaces_recipient_hour check (recipient_domain_hourly_limit >= 1);
alter table workspaces add column first_step_share double precision not null default 0.3;
alter table workspaces add constraint workspaces_first_step_share check (first_step_share between 0 and 1);
alter table workspaces add column provider_matching boolean not null default false;

-- share_clock: how far the fair shares of its campaigns have come (domain/sharing.py). refused_through: claims up to this one were made by rules
-- that hold no more; what of them was not cleared for DATA yet is claimed anew.
alter table sender_pools add column share_clock double precision not null default 0;
alter table sender_pools add column refused_through bigint not null default 0;
alter table sender_pools drop column turn;
alter table sender_pools drop column rotation_after;

-- rolling_limit: messages in any 24 hours. weight: in the rotation. provider: whose servers read and send for its domain.
-- lost_at: since when it has not been active, or has been removed; null while it is active. rotation_place: grows each time that the
-- rotation chooses it; among equals the lowest is next.
alter table sender_accounts add column pacing_mode text;
alter table sender_accounts add constraint sender_accounts_pacing check (pacing_mode in ('spread', 'asap'));
alter table sender_accounts add column jitter double precision;
alter table sender_accounts add constraint sender_accounts_jitter check (jitter between 0 and 1);
alter table sender_accounts add column rolling_limit integer;
alter table sender_accounts add constraint sender_accounts_rolling check (rolling_limit between 1 and 100000);
alter table sender_accounts add column weight double precision not null default 1;
alter table sender_accounts add constraint sender_accounts_weight check (weight between 0.001 and 1000);
alter table sender_accounts add column tags text[] not null default '{}';
alter table sender_accounts add column provider text;
alter table sender_accounts add constraint sender_accounts_provider check (provider in ('google', 'microsoft', 'other'));
alter table sender_accounts add column lost_at timestamptz;
alter table sender_accounts add column rotation_place bigint not null default 0;

-- resumed_at: when it was last started from a pause. schedule: domain/schedule.py as JSON, null for always. sender_tags: only accounts with one of them, empty for any.
alter table campaigns add column resumed_at timestamptz;
alter table campaigns add column schedule jsonb;
alter table campaigns add column weight double precision not null default 1;
alter table campaigns add constraint campaigns_weight check (weight between 0.001 and 1000);
alter table campaigns add column daily_limit integer;
alter table campaigns add constraint campaigns_daily_limit check (daily_limit >= 1);
alter table campaigns add column new_leads_daily_limit integer;
alter table campaigns add constraint campaigns_new_leads check (new_leads_daily_limit >= 1);
alter table campaigns add column sender_tags text[] not null default '{}';
alter table campaigns add column sender_loss text not null default 'handover';
alter table campaigns add constraint campaigns_sender_loss check (sender_loss in ('handover', 'wait', 'newThread', 'stop'));
alter table campaigns add column sender_loss_wait_days double precision not null default 7;
alter table campaigns add constraint campaigns_sender_loss_wait check (sender_loss_wait_days between 0 and 365);
alter table campaigns add column variant_choice text not null default 'weighted';
alter table campaigns add constraint campaigns_variant_choice check (variant_choice in ('weighted', 'bandit'));

-- share_finish: how far this campaign's own share has come. turn: where its mix of follow-ups and first steps stands.
alter table campaign_totals add column share_finish double precision not null default 0;
alter table campaign_totals add column turn smallint not null default 0;

-- delay_unit: whether days of the delay are all days or only working days. weight: of the step's own words among its variants.
-- version: counts the edits of its words.
alter table sequence_steps add column delay_unit text not null default 'calendar';
alter table sequence_steps add constraint sequence_steps_delay_unit check (delay_unit in ('calendar', 'business'));
alter table sequence_steps add column weight double precision not null default 1;
alter table sequence_steps add constraint sequence_steps_weight check (weight between 0 and 1000);
alter table sequence_steps add column version integer not null default 1;

-- Other words for the same step. removed_at: messages may have gone out with it, so it stays for the books.
create table step_variants (
  workspace_id uuid not null,
  id uuid not null,
  step_id uuid not null,
  position smallint not null check (position between 0 and 9),
  subject text not null,
  body_html text not null,
  body_text text,
  weight double precision not null check (weight between 0 and 1000),
  updated_at timestamptz not null,
  removed_at timestamptz,
  constraint step_variants_pkey primary key (workspace_id, id),
  constraint step_variants_step_fkey foreign key (workspace_id, step_id) references sequence_steps (workspace_id, id) on delete cascade
);
create index step_variants_listed on step_variants (workspace_id, step_id, position);

-- What became of the messages of a step, by variant; the step's own words have the step's id as variant_id. assigned: messages that were
-- given it, whatever became of them; each counts once. rotated: of these, given by weight since the weights last changed. Only steps with variants are counted.
create table variant_totals (
  workspace_id uuid not null,
  step_id uuid not null,
  variant_id uuid not null,
  assigned bigint not null default 0,
  rotated bigint not null default 0,
  sent bigint not null default 0,
  bounced bigint not null default 0,
  replied bigint not null default 0,
  constraint variant_totals_pkey primary key (workspace_id, step_id, variant_id),
  constraint variant_totals_step_fkey foreign key (workspace_id, step_id) references sequence_steps (workspace_id, id) on delete cascade
);

-- The lead's own IANA time zone, where it is known.
alter table leads add column time_zone text;

-- time_zone: the lead's own where its campaign goes by it, else empty. Work of one campaign and zone is due in one window.
alter table enrollments add column time_zone text not null default '';
drop index enrollments_due;
create index enrollments_due on enrollments (workspace_id, campaign_id, time_zone, sender_account_id, due_at, id) include (position)
  where state = 'waiting';

-- What waits for a person, by account, to say beforehand what the loss of one would mean.
create index enrollments_set_aside on enrollments (workspace_id, sender_account_id, campaign_id) where state in ('held', 'paused');

-- recipient_domain: a digest of the lead's domain, for caps that outlive the lead. variant_id, step_version: the words that it was given.
-- starts_thread: it answers nothing that was sent before, for that was another account's.
alter table messages add column recipient_domain uuid;
alter table messages add column variant_id uuid;
alter table messages add column step_version integer;
alter table messages add column starts_thread boolean not null default false;
-- What was claimed lately, to count caps that are newly set; a summary of blocks, that costs next to nothing to keep.
create index messages_by_claim on messages using brin (claimed_at);

-- Units taken under caps besides the accounts' days, which are in `ledger`. scope: account_24h (by minute), sending_domain,
-- recipient_domain, campaign and campaign_new (by day), recipient_domain_hour (by hour). key: the account, the campaign or the domain's
-- digest. Only caps that are set are counted; setting one counts what was taken before from the messages.
create table cap_units (
  workspace_id uuid not null,
  scope text not null check (scope in ('account_24h', 'sending_domain', 'recipient_domain', 'recipient_domain_hour', 'campaign', 'campaign_new')),
  key uuid not null,
  bucket timestamptz not null,
  taken integer not null check (taken >= 0),
  constraint cap_units_pkey primary key (workspace_id, scope, key, bucket),
  constraint cap_units_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);

-- Whose servers take the mail of a domain that leads are of, as its MX records said at resolved_at; null while nobody has asked yet, or
-- when there was no answer: then it is asked again at retry_at.
create table recipient_domains (
  workspace_id uuid not null,
  domain text not null,
  provider text check (provider in ('google', 'microsoft', 'other')),
  resolved_at timestamptz,
  retry_at timestamptz not null,
  constraint recipient_domains_pkey primary key (workspace_id, domain),
  constraint recipient_domains_workspace_fkey foreign key (workspace_id) references workspaces (workspace_id) on delete cascade
);
create index recipient_domains_due on recipient_domains (workspace_id, retry_at);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['step_variants', 'variant_totals', 'cap_units', 'recipient_domains']
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

-- Lost since it was last changed, which is the best that is known. Gaps that were zero were nobody's wish. The policies are for the
-- program's role; the owner is let through for a moment.
alter table sender_accounts no force row level security;
alter table workspaces no force row level security;
update sender_accounts set lost_at = coalesce(removed_at, updated_at) where status <> 'active' or removed_at is not null;
update workspaces set min_gap_seconds = null where min_gap_seconds = 0;
alter table workspaces force row level security;
alter table sender_accounts force row level security;

-- Which workspaces want to know whose servers take their recipients' mail.
grant select (provider_matching) on workspaces to leadterra_scheduler;
