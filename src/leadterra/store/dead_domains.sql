-- name: find_domain_of_lead
select email_domain from leads where workspace_id = :workspace_id and id = :lead_id;

-- name: find_dead_domain
select is_dead, rest_until, enrollment_id from dead_domains where workspace_id = :workspace_id and domain = :domain;

-- name: count_leads_of_domain
-- Not further than to so many.
select count(*)::integer from (select from leads l where l.workspace_id = :workspace_id and l.email_domain = :domain limit :limit) few;

-- name: save_dead_domain!
insert into dead_domains (workspace_id, domain, is_dead, enrollment_id, reason, rest_until)
values (:workspace_id, :domain, :is_dead, :enrollment_id, :reason, :rest_until)
on conflict (workspace_id, domain) do update
set is_dead = excluded.is_dead, enrollment_id = excluded.enrollment_id, reason = excluded.reason, rest_until = excluded.rest_until;

-- name: forget_dead_domains!
delete from dead_domains where workspace_id = :workspace_id and rest_until < :before;

-- name: hold_enrollments_of_domain
-- Nothing of these leads is due before: the first that waits is tried then, the others later. Each lead by its index (OFFSET 0 keeps the
-- inner query as it is).
with held as materialized (
  select e.id, row_number() over (order by e.state <> 'waiting', e.due_at, e.id) as rank
  from leads l
  cross join lateral (
    select n.id, n.state, n.due_at from enrollments n
    where n.workspace_id = :workspace_id and n.lead_id = l.id and n.state in ('waiting', 'held', 'paused') offset 0) e
  where l.workspace_id = :workspace_id and l.email_domain = :domain)
update enrollments e
set due_at = case when h.rank = 1 then :first::timestamptz else :others::timestamptz end, updated_at = :now,
    state_reason = case when e.state = 'waiting' then :reason else e.state_reason end
from held h
where e.workspace_id = :workspace_id and e.id = h.id and e.due_at < case when h.rank = 1 then :first::timestamptz else :others::timestamptz end
returning e.id;

-- name: end_enrollments_of_domain
-- Leads of a dead domain that were never sent anything end. What is in flight is told by its own server.
with lost as materialized (
  select e.id
  from leads l
  cross join lateral (
    select n.id from enrollments n
    where n.workspace_id = :workspace_id and n.lead_id = l.id and n.state in ('waiting', 'held', 'paused') and n.last_sent_at is null
    offset 0) e
  where l.workspace_id = :workspace_id and l.email_domain = :domain)
update enrollments e set state = 'bounced', state_reason = :reason, updated_at = :now
from lost
where e.workspace_id = :workspace_id and e.id = lost.id
returning e.id, e.campaign_id;

-- name: list_resting_domains
-- Those to which nothing is sent now.
select domain, reason, rest_until from dead_domains where workspace_id = :workspace_id and rest_until > :now order by domain;
