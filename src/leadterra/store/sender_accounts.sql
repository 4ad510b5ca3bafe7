-- name: list_sender_accounts
-- Those that are not removed, oldest first.
select id, email, name, status, created_at
from sender_accounts
where workspace_id = :workspace_id and removed_at is null
  and (:status::text is null or status = :status)
  and (:after_at::timestamptz is null or (created_at, id) > (:after_at, :after_id::uuid))
order by created_at, id
limit :limit;

-- name: get_sender_account
-- With its ledger of the day.
select a.id, a.email, a.email_key, a.email_domain, a.name, a.status, a.status_reason, a.daily_limit,
       a.smtp_host, a.smtp_port, a.smtp_security, a.smtp_username, a.smtp_password,
       a.imap_host, a.imap_port, a.imap_security, a.imap_username, a.imap_password,
       a.pacing_mode, a.min_gap_seconds, a.jitter, a.rolling_limit, a.weight, a.tags, a.provider,
       a.next_send_at, a.rest_until, a.failures, a.created_at, a.updated_at, a.removed_at,
       coalesce(l.sent, 0) as sent, coalesce(l.uncertain, 0) as uncertain, coalesce(l.reserved, 0) as reserved,
       a.limit_in_force
from sender_accounts a
left join ledger l
  on l.workspace_id = :workspace_id and l.workspace_id = a.workspace_id and l.day = :day and l.sender_account_id = a.id
where a.workspace_id = :workspace_id and a.id = :id and a.removed_at is null;

-- name: find_known_addresses
-- Which of these addresses have an account or its tombstone.
select email_key, id, removed_at is not null as is_removed
from sender_accounts where workspace_id = :workspace_id and email_key = any(:email_keys);

-- name: save_sender_account!
-- New, or changed, or a tombstone that lives again with its id, its ledger, and the instants before which it may not send. lost_at: null while it is active; else the instant of the
-- change that made it lost, whichever changes follow.
insert into sender_accounts (
  workspace_id, id, email, email_key, email_domain, name, status, status_reason, daily_limit,
  smtp_host, smtp_port, smtp_security, smtp_username, smtp_password,
  imap_host, imap_port, imap_security, imap_username, imap_password,
  pacing_mode, min_gap_seconds, jitter, rolling_limit, weight, tags, provider,
  next_send_at, rest_until, failures, created_at, updated_at, removed_at, lost_at)
values (
  :workspace_id, :id, :email, :email_key, :email_domain, :name, :status, :status_reason, :daily_limit,
  :smtp_host, :smtp_port, :smtp_security, :smtp_username, :smtp_password,
  :imap_host, :imap_port, :imap_security, :imap_username, :imap_password,
  :pacing_mode, :min_gap_seconds, :jitter, :rolling_limit, :weight, :tags, :provider,
  :next_send_at, :rest_until, :failures, :created_at, :updated_at, :removed_at,
  case when :status = 'active' and :removed_at::timestamptz is null then null else :updated_at::timestamptz end)
on conflict (workspace_id, id) do update
set email = excluded.email, name = excluded.name, status = excluded.status, status_reason = excluded.status_reason,
    daily_limit = excluded.daily_limit,
    smtp_host = excluded.smtp_host, smtp_port = excluded.smtp_port, smtp_security = excluded.smtp_security,
    smtp_username = excluded.smtp_username, smtp_password = excluded.smtp_password,
    imap_host = excluded.imap_host, imap_port = excluded.imap_port, imap_security = excluded.imap_security,
    imap_username = excluded.imap_username, imap_password = excluded.imap_password,
    pacing_mode = excluded.pacing_mode, min_gap_seconds = excluded.min_gap_seconds, jitter = excluded.jitter,
    rolling_limit = excluded.rolling_limit, weight = excluded.weight, tags = excluded.tags, provider = excluded.provider,
    next_send_at = case when sender_accounts.removed_at is null then excluded.next_send_at else sender_accounts.next_send_at end,
    rest_until = case when sender_accounts.removed_at is null then excluded.rest_until else sender_accounts.rest_until end,
    failures = excluded.failures,
    created_at = excluded.created_at, updated_at = excluded.updated_at, removed_at = excluded.removed_at,
    lost_at = case when excluded.lost_at is null then null else coalesce(sender_accounts.lost_at, excluded.lost_at) end;

-- name: set_message_domain!
-- The first account's domain is the right side of the workspace's Message-IDs, for good.
update sender_pools set message_domain = :domain where workspace_id = :workspace_id and message_domain is null;

-- name: list_sealed_passwords
-- For the rotation of sealing keys.
select id, smtp_password, imap_password
from sender_accounts
where workspace_id = :workspace_id and (smtp_password is not null or imap_password is not null)
order by id;

-- name: replace_sealed_passwords!
update sender_accounts set smtp_password = :smtp_password, imap_password = :imap_password
where workspace_id = :workspace_id and id = :id;
