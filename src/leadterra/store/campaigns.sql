-- name: insert_campaign!
-- A draft with the usual settings.
insert into campaigns (workspace_id, id, name, status, created_at, updated_at)
values (:workspace_id, :id, :name, 'draft', :now, :now);

-- name: find_campaign
select c.id, c.name, c.status, c.on_missing_variable, c.created_at, c.updated_at, c.started_at, c.paused_at, t.enrolled, t.open,
       c.schedule, c.weight, c.daily_limit, c.new_leads_daily_limit, c.sender_tags, c.sender_loss, c.sender_loss_wait_days, c.variant_choice
from campaigns c
join campaign_totals t on t.workspace_id = c.workspace_id and t.campaign_id = c.id
where c.workspace_id = :workspace_id and t.workspace_id = :workspace_id and c.id = :id and c.removed_at is null;

-- name: list_campaigns
-- Newest first. `completed` is running, with leads, and nothing open.
select c.id, c.name, c.status, c.on_missing_variable, c.created_at, c.updated_at, c.started_at, c.paused_at, t.enrolled, t.open,
       c.schedule, c.weight, c.daily_limit, c.new_leads_daily_limit, c.sender_tags, c.sender_loss, c.sender_loss_wait_days, c.variant_choice
from campaigns c
join campaign_totals t on t.workspace_id = c.workspace_id and t.campaign_id = c.id
where c.workspace_id = :workspace_id and t.workspace_id = :workspace_id and c.removed_at is null
  and (:status::text is null
       or :status = case when c.status = 'running' and t.enrolled > 0 and t.open = 0 then 'completed' else c.status end)
  and (:before_id::uuid is null or (c.created_at, c.id) < (:before_at::timestamptz, :before_id::uuid))
order by c.created_at desc, c.id desc
limit :limit;

-- name: save_campaign!
update campaigns
set name = :name, on_missing_variable = :on_missing_variable, schedule = :schedule, weight = :weight,
    daily_limit = :daily_limit, new_leads_daily_limit = :new_leads_daily_limit, sender_tags = :sender_tags,
    sender_loss = :sender_loss, sender_loss_wait_days = :sender_loss_wait_days, variant_choice = :variant_choice, updated_at = :now
where workspace_id = :workspace_id and id = :id;

-- name: save_campaign_status!
update campaigns
set status = :status, started_at = :started_at, paused_at = :paused_at, updated_at = :now,
    resumed_at = case when status = 'paused' and :status = 'running' then :now else resumed_at end
where workspace_id = :workspace_id and id = :id;

-- name: touch_campaign!
update campaigns set updated_at = :now where workspace_id = :workspace_id and id = :id;

-- name: remove_campaign!
update campaigns set removed_at = :now, updated_at = :now where workspace_id = :workspace_id and id = :id;

-- name: get_progress
-- The totals, and what is open besides the many that wait: the few that are set aside, that wait for another attempt, or that are on their
-- way, which are at most what the workers hold claimed.
select t.enrolled, t.open, t.sent, t.bounced, t.failed, t.uncertain, t.replied, t.unsubscribed,
       t.open - aside.enrollments - claimed.enrollments - deferred.messages as waiting, deferred.messages as deferred,
       claimed.messages as in_flight
from campaign_totals t
cross join lateral (
  select count(*) as enrollments
  from enrollments e
  where e.workspace_id = :workspace_id and e.campaign_id = :campaign_id and e.state in ('uncertain', 'held', 'paused')) aside
cross join lateral (
  select count(*) as messages
  from enrollments e
  where e.workspace_id = :workspace_id and e.campaign_id = :campaign_id and e.state = 'waiting' and e.attempt > 0) deferred
cross join lateral (
  select count(*) as messages, count(*) filter (where e.state = 'sending') as enrollments
  from claims k
  cross join unnest(k.enrollment_ids) as held (enrollment_id)
  cross join lateral (
    select n.state, n.campaign_id from enrollments n
    where n.workspace_id = :workspace_id and n.id = held.enrollment_id offset 0) e
  cross join lateral (
    select n.state from messages n
    where n.workspace_id = :workspace_id and n.enrollment_id = held.enrollment_id and n.fence = k.number offset 0) m
  where k.workspace_id = :workspace_id and e.campaign_id = :campaign_id and m.state = 'sending') claimed
where t.workspace_id = :workspace_id and t.campaign_id = :campaign_id;

-- name: count_scheduled
-- First attempts that will be due, at most so many.
select count(*) from (
  select from enrollments
  where workspace_id = :workspace_id and campaign_id = :campaign_id and state = 'waiting' and attempt = 0 and due_at > :now
  limit :most) n;

-- name: count_due
-- First attempts that are due and not on their way, at most so many.
select count(*) from (
  select from enrollments
  where workspace_id = :workspace_id and campaign_id = :campaign_id and state = 'waiting' and attempt = 0 and due_at <= :now
  limit :most) n;
