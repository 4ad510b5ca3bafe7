-- name: list_messages
-- Newest first. States that people look for have an index; what is being sent is found by the claims that hold it.
select m.id, m.campaign_id, m.lead_id, m.enrollment_id, m.step_id, m.step_position, m.sender_account_id, m.state, m.state_reason, m.subject,
       m.attempts, m.created_at, m.settled_at
from messages m
where m.workspace_id = :workspace_id
  and (:campaign_id::uuid is null or m.campaign_id = :campaign_id)
  and (:sender_account_id::uuid is null or m.sender_account_id = :sender_account_id)
  and (:state::text is null or m.state = :state)
  and (:state::text is null or :state in ('sending', 'sent') or m.notable_state = :state)
  and (:state::text is distinct from 'sending' or m.enrollment_id = any(array(
         select unnest(k.enrollment_ids) from claims k where k.workspace_id = :workspace_id)))
  and (:before_id::uuid is null or (m.created_at, m.id) < (:before_at::timestamptz, :before_id::uuid))
order by m.created_at desc, m.id desc
limit :limit;

-- name: list_messages_of_lead
-- Newest first; by way of the lead's enrollments, which are few.
select m.id, m.campaign_id, m.lead_id, m.enrollment_id, m.step_id, m.step_position, m.sender_account_id, m.state, m.state_reason, m.subject,
       m.attempts, m.created_at, m.settled_at
from enrollments e
join messages m on m.workspace_id = e.workspace_id and m.enrollment_id = e.id
where e.workspace_id = :workspace_id and m.workspace_id = :workspace_id and e.lead_id = :lead_id
  and (:campaign_id::uuid is null or m.campaign_id = :campaign_id)
  and (:sender_account_id::uuid is null or m.sender_account_id = :sender_account_id)
  and (:state::text is null or m.state = :state)
  and (:before_id::uuid is null or (m.created_at, m.id) < (:before_at::timestamptz, :before_id::uuid))
order by m.created_at desc, m.id desc
limit :limit;

-- name: list_due_enrollments
-- Messages that are due and were not claimed yet have no row; they are what the next step of these enrollments will be. Latest due
-- first, at most `limit` a campaign before the final cut.
select e.id as enrollment_id, e.campaign_id, e.lead_id, s.id as step_id, e.position as step_position, e.sender_account_id, e.state,
       e.state_reason, e.due_at,
       (select count(*) from messages m where m.workspace_id = :workspace_id and m.enrollment_id = e.id) as messages
from campaigns c
cross join lateral (
  select n.id, n.campaign_id, n.lead_id, n.position, n.sender_account_id, n.state, n.state_reason, n.due_at
  from enrollments n
  where n.workspace_id = :workspace_id and n.campaign_id = c.id and n.state = 'waiting' and n.due_at <= :now
    and (:lead_id::uuid is null or n.lead_id = :lead_id)
    and (:sender_account_id::uuid is null or n.sender_account_id = :sender_account_id)
    and (:before_enrollment_id::uuid is null or (n.due_at, n.id) < (:before_at::timestamptz, :before_enrollment_id::uuid))
    and not exists (
      select from sequence_steps t
      join messages m on m.workspace_id = t.workspace_id and m.step_id = t.id
      where t.workspace_id = :workspace_id and m.workspace_id = :workspace_id and t.campaign_id = n.campaign_id
        and t.position = n.position and m.enrollment_id = n.id)
  order by n.due_at desc, n.id desc
  limit :limit) e
join sequence_steps s on s.workspace_id = c.workspace_id and s.campaign_id = e.campaign_id and s.position = e.position
where c.workspace_id = :workspace_id and s.workspace_id = :workspace_id and c.status in ('running', 'paused') and c.removed_at is null
  and (:campaign_id::uuid is null or c.id = :campaign_id)
order by e.due_at desc, e.id desc
limit :limit;

-- name: find_message
select id, campaign_id, lead_id, enrollment_id, step_id, step_position, sender_account_id, state, state_reason, subject, attempts, created_at,
       settled_at
from messages where workspace_id = :workspace_id and enrollment_id = :enrollment_id and id = :id;

-- name: find_due_enrollment
-- The enrollment whose next message is due, in whatever state it is now, unless that message has a row.
select e.id as enrollment_id, e.campaign_id, e.lead_id, s.id as step_id, e.position as step_position, e.sender_account_id, e.state,
       e.state_reason, e.due_at,
       (select count(*) from messages m where m.workspace_id = :workspace_id and m.enrollment_id = e.id) as messages
from enrollments e
join campaigns c on c.workspace_id = e.workspace_id and c.id = e.campaign_id
join sequence_steps s on s.workspace_id = e.workspace_id and s.campaign_id = e.campaign_id and s.position = e.position
where e.workspace_id = :workspace_id and c.workspace_id = :workspace_id and s.workspace_id = :workspace_id and e.id = :enrollment_id
  and e.due_at <= :now and c.status in ('running', 'paused') and c.removed_at is null
  and not exists (select from messages m where m.workspace_id = :workspace_id and m.enrollment_id = e.id and m.step_id = s.id);

-- name: list_attempts
select number, sender_account_id, outcome, scope, server, command, code, enhanced_code, answer, started_at, data_at, ended_at
from attempts where workspace_id = :workspace_id and enrollment_id = :enrollment_id and step_id = :step_id
order by number;
