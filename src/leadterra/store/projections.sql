-- name: list_campaigns
-- The campaigns of a look ahead: those that run, and one that is asked about whatever its status, with what their shares remember.
select c.id, coalesce(c.started_at, :now) as started_at, c.resumed_at, c.schedule::text as schedule, c.weight, c.daily_limit, c.new_leads_daily_limit,
       c.sender_tags, c.sender_loss, c.sender_loss_wait_days, t.share_finish, t.turn, :now::timestamptz as first_due_at
from campaigns c
join campaign_totals t on t.workspace_id = c.workspace_id and t.campaign_id = c.id
where c.workspace_id = :workspace_id and t.workspace_id = :workspace_id and c.removed_at is null
  and (c.id = :campaign_id or c.status = 'running' and t.open > 0)
order by c.id;

-- name: list_steps
-- The delays of their steps, in order.
select campaign_id, delay_days, delay_unit = 'business' as is_business
from sequence_steps
where workspace_id = :workspace_id and campaign_id = any(:campaign_ids::uuid[])
order by campaign_id, position;

-- name: list_classes
-- What waits in these campaigns, and what is in flight: as a campaign's turns go through it, those that follow each other and are alike in
-- all that makes a difference to a plan are one class, counted. One enrollment is told apart.
select campaign_id, position, time_zone, sender_account_id, is_in_flight, due_at, min(id::text)::uuid as first_id, count(*)::integer as count,
       is_asked_about
from (
  select e.*, row_number() over (partition by e.campaign_id order by e.due_at, e.id)
              - row_number() over (partition by e.campaign_id, e.due_at, e.position, e.time_zone, e.sender_account_id, e.is_in_flight,
                                   e.is_asked_about order by e.id) as stretch
  from (
    select n.campaign_id, n.id, n.position, n.time_zone, n.sender_account_id, n.state = 'sending' as is_in_flight, n.due_at,
           coalesce(n.id = :enrollment_id, false) as is_asked_about
    from enrollments n
    where n.workspace_id = :workspace_id and n.campaign_id = any(:campaign_ids::uuid[]) and n.state in ('waiting', 'sending')) e) w
group by campaign_id, position, time_zone, sender_account_id, is_in_flight, due_at, is_asked_about, stretch
order by due_at, first_id;

-- name: list_classes_by_recipient
-- The same where the recipients' domains or their providers make a difference too.
select campaign_id, position, time_zone, sender_account_id, is_in_flight, due_at, min(id::text)::uuid as first_id, count(*)::integer as count,
       is_asked_about, email_domain, provider
from (
  select e.*, row_number() over (partition by e.campaign_id order by e.due_at, e.id)
              - row_number() over (partition by e.campaign_id, e.due_at, e.position, e.time_zone, e.sender_account_id, e.is_in_flight,
                                   e.is_asked_about, e.email_domain, e.provider order by e.id) as stretch
  from (
    select n.campaign_id, n.id, n.position, n.time_zone, n.sender_account_id, n.state = 'sending' as is_in_flight, n.due_at,
           coalesce(n.id = :enrollment_id, false) as is_asked_about, l.email_domain, d.provider
    from enrollments n
    join leads l on l.workspace_id = :workspace_id and l.workspace_id = n.workspace_id and l.id = n.lead_id
    left join recipient_domains d
      on d.workspace_id = :workspace_id and d.workspace_id = l.workspace_id and d.domain = l.email_domain
    where n.workspace_id = :workspace_id and n.campaign_id = any(:campaign_ids::uuid[]) and n.state in ('waiting', 'sending')) e) w
group by campaign_id, position, time_zone, sender_account_id, is_in_flight, due_at, is_asked_about, email_domain, provider, stretch
order by due_at, first_id;

-- name: count_set_aside
-- Leads of a campaign that wait for a person.
select count(*)::integer from enrollments
where workspace_id = :workspace_id and campaign_id = :campaign_id and state in ('held', 'paused', 'uncertain');

-- name: list_rolling_minutes
-- The units of accounts' last 24 hours by their minute, oldest first.
select key, bucket, taken from cap_units
where workspace_id = :workspace_id and scope = 'account_24h' and bucket > :since and taken > 0
order by key, bucket;
