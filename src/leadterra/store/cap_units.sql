-- name: list_caps
-- What was taken of the caps of these keys in these buckets.
select u.scope, u.key, u.taken
from unnest(:scope::text[], :key::uuid[], :bucket::timestamptz[]) as d (scope, key, bucket)
join cap_units u on u.workspace_id = :workspace_id and u.scope = d.scope and u.key = d.key and u.bucket = d.bucket;

-- name: list_full_keys
-- The keys of a scope and bucket of which nothing is left.
select key from cap_units
where workspace_id = :workspace_id and scope = :scope and bucket = :bucket and taken >= :limit;

-- name: list_rolling
-- What these keys took since then, and in which bucket the first of it is.
select key, sum(taken)::integer, min(bucket)
from cap_units
where workspace_id = :workspace_id and scope = 'account_24h' and key = any(:keys::uuid[]) and bucket > :since and taken > 0
group by key;

-- name: take_cap_units!
insert into cap_units (workspace_id, scope, key, bucket, taken)
select :workspace_id, d.scope, d.key, d.bucket, d.taken
from unnest(:scope::text[], :key::uuid[], :bucket::timestamptz[], :taken::integer[]) as d (scope, key, bucket, taken)
on conflict (workspace_id, scope, key, bucket) do update set taken = cap_units.taken + excluded.taken;

-- name: return_cap_units!
-- Give units back, of caps that are still set.
update cap_units u
set taken = u.taken - d.taken
from unnest(:scope::text[], :key::uuid[], :bucket::timestamptz[], :taken::integer[]) as d (scope, key, bucket, taken)
where u.workspace_id = :workspace_id and u.scope = d.scope and u.key = d.key and u.bucket = d.bucket;

-- name: take_rolling_units!
-- Units of accounts' last 24 hours, only where these have a limit.
insert into cap_units (workspace_id, scope, key, bucket, taken)
select :workspace_id, 'account_24h', d.key, d.bucket, d.taken
from unnest(:key::uuid[], :bucket::timestamptz[], :taken::integer[]) as d (key, bucket, taken)
where exists (
  select from sender_accounts a where a.workspace_id = :workspace_id and a.id = d.key and a.rolling_limit is not null)
on conflict (workspace_id, scope, key, bucket) do update set taken = cap_units.taken + excluded.taken;

-- name: delete_old_units!
delete from cap_units where workspace_id = :workspace_id and bucket < :horizon;

-- name: delete_all_units!
delete from cap_units where workspace_id = :workspace_id;

-- name: count_units
-- What the messages, the warm-up letters and the answers say of all caps that are set, from the buckets since then on.
with letters as (
  select m.campaign_id, m.sender_account_id, m.recipient_domain, m.step_position, m.day, a.email_domain, a.rolling_limit, c.daily_limit,
         c.new_leads_daily_limit, w.sending_domain_daily_limit, w.recipient_domain_daily_limit, w.recipient_domain_hourly_limit,
         date_trunc('minute', case when m.state = 'sending' then m.claimed_at else coalesce(m.data_at, m.claimed_at) end, 'UTC') as minute,
         date_trunc('hour', m.claimed_at, 'UTC') as hour, m.day::timestamp at time zone 'UTC' as midnight
  from messages m
  join workspaces w on w.workspace_id = :workspace_id and w.workspace_id = m.workspace_id
  join sender_accounts a on a.workspace_id = :workspace_id and a.workspace_id = m.workspace_id and a.id = m.sender_account_id
  join campaigns c on c.workspace_id = :workspace_id and c.workspace_id = m.workspace_id and c.id = m.campaign_id
  where m.workspace_id = :workspace_id and m.claimed_at >= :since and m.state in ('sending', 'sent', 'uncertain', 'bounced')
  union all
  select null, h.sender_account_id, null, null, h.day, a.email_domain, a.rolling_limit, null,
         null, w.sending_domain_daily_limit, null, null,
         date_trunc('minute', case when h.state = 'sending' then h.claimed_at else coalesce(h.data_at, h.claimed_at) end, 'UTC'),
         date_trunc('hour', h.claimed_at, 'UTC'), h.day::timestamp at time zone 'UTC'
  from warmup_letters h
  join workspaces w on w.workspace_id = :workspace_id and w.workspace_id = h.workspace_id
  join sender_accounts a on a.workspace_id = :workspace_id and a.workspace_id = h.workspace_id and a.id = h.sender_account_id
  where h.workspace_id = :workspace_id and h.claimed_at >= :since and h.state in ('sending', 'sent', 'uncertain', 'bounced')
  union all
  select null, q.sender_account_id, null, null, q.day, a.email_domain, a.rolling_limit, null,
         null, w.sending_domain_daily_limit, null, null,
         date_trunc('minute', case when q.state = 'sending' then q.claimed_at else coalesce(q.data_at, q.claimed_at) end, 'UTC'),
         date_trunc('hour', q.claimed_at, 'UTC'), q.day::timestamp at time zone 'UTC'
  from responses q
  join workspaces w on w.workspace_id = :workspace_id and w.workspace_id = q.workspace_id
  join sender_accounts a on a.workspace_id = :workspace_id and a.workspace_id = q.workspace_id and a.id = q.sender_account_id
  where q.workspace_id = :workspace_id and q.claimed_at >= :since and q.state in ('sending', 'sent', 'uncertain', 'bounced')),
units (scope, key, bucket) as (
  select 'account_24h', sender_account_id, minute from letters where rolling_limit is not null
  union all
  select 'sending_domain', encode(substring(sha256(convert_to(email_domain, 'UTF8')) from 1 for 16), 'hex')::uuid, midnight
  from letters where sending_domain_daily_limit is not null
  union all
  select 'recipient_domain', recipient_domain, midnight
  from letters where recipient_domain_daily_limit is not null and recipient_domain is not null
  union all
  select 'recipient_domain_hour', recipient_domain, hour
  from letters where recipient_domain_hourly_limit is not null and recipient_domain is not null
  union all
  select 'campaign', campaign_id, midnight from letters where daily_limit is not null
  union all
  select 'campaign_new', campaign_id, midnight from letters where new_leads_daily_limit is not null and step_position = 0)
select scope, key, bucket, count(*)::integer as taken
from units
where bucket >= :since
group by scope, key, bucket;

-- name: list_units
select scope, key, bucket, taken from cap_units where workspace_id = :workspace_id and bucket >= :since and taken > 0;
