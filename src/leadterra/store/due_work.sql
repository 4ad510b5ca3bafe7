-- name: lock_pool
-- The pool, locked, with what its plan needs of the workspace; no row while another transaction has it.
select p.claim_number, p.share_clock, p.message_domain, p.exhausted_on,
       w.mode, w.daily_quota, w.postal_address, w.link_secret, w.pacing_mode, w.min_gap_seconds, w.jitter, w.first_step_share,
       w.sending_domain_daily_limit, w.recipient_domain_daily_limit, w.recipient_domain_hourly_limit, w.provider_matching
from sender_pools p
join workspaces w on w.workspace_id = p.workspace_id
where p.workspace_id = :workspace_id and w.workspace_id = :workspace_id
for update of p skip locked;

-- name: read_pool
-- The same for whoever only asks, and holds nobody up.
select p.claim_number, p.share_clock, p.message_domain, p.exhausted_on,
       w.mode, w.daily_quota, w.postal_address, w.link_secret, w.pacing_mode, w.min_gap_seconds, w.jitter, w.first_step_share,
       w.sending_domain_daily_limit, w.recipient_domain_daily_limit, w.recipient_domain_hourly_limit, w.provider_matching
from sender_pools p
join workspaces w on w.workspace_id = p.workspace_id
where p.workspace_id = :workspace_id and w.workspace_id = :workspace_id;

-- name: list_senders
-- Every account, tombstones included (an enrollment may be bound to one), with its ledger of the day. An account whose provider nobody
-- named has the one that its domain was found to have. waiting: answers of people that are to go before anything else.
select a.id, (a.status = 'active' and a.removed_at is null and a.smtp_host is not null) as is_active, a.limit_in_force as daily_limit,
       coalesce(l.sent + l.uncertain + l.reserved, 0) as used,
       coalesce(l.reserved, 0) + coalesce(y.reserved, 0) as in_flight,
       a.failures, a.next_send_at, a.rest_until, a.pacing_mode, a.min_gap_seconds, a.jitter, a.lost_at, a.weight, a.tags,
       coalesce(a.provider, d.provider) as provider, a.email_domain, a.rolling_limit, a.rotation_place, a.rest_reason,
       case when a.status = 'paused' then a.status_reason end as pause_reason, coalesce(q.waiting, 0) as waiting
from sender_accounts a
left join ledger l
  on l.workspace_id = :workspace_id and l.workspace_id = a.workspace_id and l.day = :day and l.sender_account_id = a.id
left join ledger y
  on y.workspace_id = :workspace_id and y.workspace_id = a.workspace_id and y.day = :day_before and y.sender_account_id = a.id
left join recipient_domains d
  on d.workspace_id = :workspace_id and d.workspace_id = a.workspace_id and d.domain = a.email_domain
left join (
  select r.sender_account_id, count(*)::integer as waiting from responses r
  where r.workspace_id = :workspace_id and r.state = 'queued' group by r.sender_account_id) q on q.sender_account_id = a.id
where a.workspace_id = :workspace_id
order by a.id;

-- name: list_campaigns
-- Running campaigns in which something may still happen, and when the first of their messages that wait was or will be due. Campaigns
-- that are through are passed over, however many there have been.
select c.id, c.started_at, c.resumed_at, c.schedule::text as schedule, c.weight, c.daily_limit, c.new_leads_daily_limit, c.sender_tags, c.sender_loss,
       c.sender_loss_wait_days, t.share_finish, t.turn, e.due_at as first_due_at
from campaigns c
join campaign_totals t on t.workspace_id = c.workspace_id and t.campaign_id = c.id
cross join lateral (
  select n.due_at from enrollments n
  where n.workspace_id = :workspace_id and n.campaign_id = c.id and n.state = 'waiting'
  order by n.due_at, n.id limit 1) e
where c.workspace_id = :workspace_id and t.workspace_id = :workspace_id and c.status = 'running' and c.removed_at is null and t.open > 0
order by c.id;

-- name: list_zones
-- The zones of the leads that wait in these campaigns: one step in the index for each, however many leads.
select c.id, z.zone
from unnest(:campaign_ids::uuid[]) as c (id)
cross join lateral (
  with recursive zones (zone) as (
    select min(n.time_zone) from enrollments n
    where n.workspace_id = :workspace_id and n.campaign_id = c.id and n.state = 'waiting'
    union all
    select (select min(n.time_zone) from enrollments n
            where n.workspace_id = :workspace_id and n.campaign_id = c.id and n.state = 'waiting' and n.time_zone > zones.zone)
    from zones where zones.zone is not null)
  select zone from zones where zone is not null) z;

-- name: list_bound_work
-- Due messages of open lanes (a campaign's leads of one zone) whose enrollment is bound to one of these accounts: at most `room` a
-- lane and account, oldest first, and `limit` a campaign, by itself of accounts that are lost: what they leave may find no other account,
-- and must not hide what can go. One of a lane that is kept back is always told, so that its end is known. Leads of domains that have
-- had enough are passed over.
select w.id, w.is_follow_up, w.due_at, w.sender_id, w.campaign_id
from (
  select e.id, e.position > 0 as is_follow_up, greatest(e.due_at, s.started_at) as due_at, e.sender_account_id as sender_id, s.campaign_id,
         s.is_kept,
         row_number() over (partition by s.campaign_id, s.is_lost, s.is_kept order by greatest(e.due_at, s.started_at), e.id) as rank
  from unnest(:campaign_id::uuid[], :zone::text[], :started_at::timestamptz[], :account_id::uuid[], :room::integer[],
              :due_before::timestamptz[], :is_lost::boolean[], :takes_new::boolean[], :takes_follow_ups::boolean[], :is_kept::boolean[])
    as s (campaign_id, zone, started_at, account_id, room, due_before, is_lost, takes_new, takes_follow_ups, is_kept)
  cross join lateral (
    select n.id, n.position, n.due_at, n.sender_account_id
    from enrollments n
    where n.workspace_id = :workspace_id and n.campaign_id = s.campaign_id and n.time_zone = s.zone and n.sender_account_id = s.account_id
      and n.state = 'waiting' and n.due_at <= s.due_before and case when n.position = 0 then s.takes_new else s.takes_follow_ups end
      and case when :has_full_domains then not exists (
        select from leads l
        where l.workspace_id = :workspace_id and l.id = n.lead_id
          and encode(substring(sha256(convert_to(l.email_domain, 'UTF8')) from 1 for 16), 'hex')::uuid = any(:full_domains::uuid[]))
        else true end
    order by n.due_at, n.id
    limit s.room) e) w
where w.is_kept or w.rank <= :limit
order by w.due_at, w.id;

-- name: list_free_work
-- Due messages of open lanes whose enrollment is bound to no account yet, at most `limit` a lane and campaign, oldest first. The account,
-- always null, is named in the order so that the index gives it: thousands may be due at one instant.
select w.id, w.is_follow_up, w.due_at, w.sender_id, w.campaign_id
from (
  select e.id, e.position > 0 as is_follow_up, greatest(e.due_at, s.started_at) as due_at, e.sender_account_id as sender_id, s.campaign_id,
         row_number() over (partition by s.campaign_id order by greatest(e.due_at, s.started_at), e.id) as rank
  from unnest(:campaign_id::uuid[], :zone::text[], :started_at::timestamptz[], :takes_new::boolean[])
    as s (campaign_id, zone, started_at, takes_new)
  cross join lateral (
    select n.id, n.position, n.due_at, n.sender_account_id
    from enrollments n
    where n.workspace_id = :workspace_id and n.campaign_id = s.campaign_id and n.time_zone = s.zone and n.sender_account_id is null
      and n.state = 'waiting' and n.due_at <= :now and (s.takes_new or n.position > 0)
      and case when :has_full_domains then not exists (
        select from leads l
        where l.workspace_id = :workspace_id and l.id = n.lead_id
          and encode(substring(sha256(convert_to(l.email_domain, 'UTF8')) from 1 for 16), 'hex')::uuid = any(:full_domains::uuid[]))
        else true end
    order by n.sender_account_id, n.due_at, n.id
    limit :limit) e) w
where w.rank <= :limit
order by w.due_at, w.id;

-- name: list_recipients
-- To whose servers these enrollments' messages go.
select e.id, l.email_domain, d.provider
from enrollments e
join leads l on l.workspace_id = :workspace_id and l.workspace_id = e.workspace_id and l.id = e.lead_id
left join recipient_domains d
  on d.workspace_id = :workspace_id and d.workspace_id = l.workspace_id and d.domain = l.email_domain
where e.workspace_id = :workspace_id and e.id = any(:enrollment_ids::uuid[]);

-- name: next_due_at
-- When the next message of these campaigns that is not due yet becomes due.
select min(e.due_at)
from unnest(:campaign_ids::uuid[]) as c (id)
cross join lateral (
  select n.due_at from enrollments n
  where n.workspace_id = :workspace_id and n.campaign_id = c.id and n.state = 'waiting' and n.due_at > :now
  order by n.due_at, n.id limit 1) e;
