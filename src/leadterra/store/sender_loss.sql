-- name: list_bound_campaigns
-- How many leads with a step left are bound to the account, by campaign that was started, oldest first. Those who wait are counted in the
-- index of what is due, zone by zone; those in flight by their messages; those that were set aside are few. Who waits for a first step
-- is in no thread that could be lost.
with recursive started as (
  select c.id, c.name, c.sender_loss, c.sender_loss_wait_days, c.created_at,
         (select count(*) from sequence_steps s where s.workspace_id = :workspace_id and s.campaign_id = c.id) as steps
  from campaigns c
  join campaign_totals t on t.workspace_id = c.workspace_id and t.campaign_id = c.id
  where c.workspace_id = :workspace_id and t.workspace_id = :workspace_id and c.status in ('running', 'paused') and c.removed_at is null
    and t.open > 0),
zones as (
  select c.id as campaign_id,
         (select min(e.time_zone) from enrollments e
          where e.workspace_id = :workspace_id and e.campaign_id = c.id and e.state = 'waiting') as time_zone
  from started c
  union all
  select z.campaign_id,
         (select min(e.time_zone) from enrollments e
          where e.workspace_id = :workspace_id and e.campaign_id = z.campaign_id and e.state = 'waiting' and e.time_zone > z.time_zone)
  from zones z
  where z.time_zone is not null),
bound as (
  select e.id, e.campaign_id, e.position
  from zones z
  join enrollments e on e.campaign_id = z.campaign_id and e.time_zone = z.time_zone
  where e.workspace_id = :workspace_id and e.state = 'waiting' and e.sender_account_id = :account_id and e.position > 0
  union
  select e.id, e.campaign_id, e.position
  from messages m
  join enrollments e on e.workspace_id = m.workspace_id and e.id = m.enrollment_id
  where m.workspace_id = :workspace_id and m.state in ('sending', 'uncertain') and m.sender_account_id = :account_id
    and e.workspace_id = :workspace_id and e.state in ('sending', 'uncertain') and e.sender_account_id = :account_id
  union
  select e.id, e.campaign_id, e.position
  from enrollments e
  where e.workspace_id = :workspace_id and e.state in ('held', 'paused') and e.sender_account_id = :account_id and e.position > 0)
select c.id, c.name, c.sender_loss as action, c.sender_loss_wait_days as wait_days, count(*) as leads
from started c
join bound b on b.campaign_id = c.id and b.position < c.steps
group by c.id, c.name, c.sender_loss, c.sender_loss_wait_days, c.created_at
order by c.created_at, c.id;
