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

-- name: count_waiting
-- What is due and not yet sent, what will be due, and what waits for another attempt.
select count(*) filter (where attempt = 0 and due_at <= :now), count(*) filter (where attempt = 0 and due_at > :now),
       count(*) filter (where attempt > 0)
from enrollments where workspace_id = :workspace_id and campaign_id = :campaign_id and state = 'waiting';

-- name: count_in_flight
-- Bounded by what the workers hold claimed, whatever the history.
select count(*) from messages where workspace_id = :workspace_id and campaign_id = :campaign_id and state = 'sending';
