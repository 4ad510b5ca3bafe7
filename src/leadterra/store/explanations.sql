-- name: find_next_step
-- The step at a position of a campaign.
select id from sequence_steps where workspace_id = :workspace_id and campaign_id = :campaign_id and position = :position;

-- name: count_states
-- Leads by the state of their enrollment; those that were taken out are not counted.
select state, count(*)::integer
from enrollments
where workspace_id = :workspace_id and campaign_id = :campaign_id and state <> 'removed'
group by state;

-- name: count_waiting
-- Leads that wait, by all that makes a difference to their gates. due_at: of the first of them. is_full_today, is_full_now: their domain has
-- had enough for this day, or hour.
select e.position > 0 as is_follow_up, coalesce(e.position >= :steps, false) as is_through, e.time_zone, e.sender_account_id,
       e.due_at <= :now as is_due, coalesce(f.is_full_today, false) as is_full_today, coalesce(f.is_full_now, false) as is_full_now,
       min(e.due_at) as due_at, count(*)::integer as count
from enrollments e
left join lateral (
  select d.digest = any(:full_today::uuid[]) as is_full_today, d.digest = any(:full_now::uuid[]) as is_full_now
  from (select encode(substring(sha256(convert_to(l.email_domain, 'UTF8')) from 1 for 16), 'hex')::uuid as digest
        from leads l
        where l.workspace_id = :workspace_id and l.id = e.lead_id and :has_full) d) f on true
where e.workspace_id = :workspace_id and e.campaign_id = :campaign_id and e.state = 'waiting'
group by 1, 2, 3, 4, 5, 6, 7;

-- name: list_letters
-- The messages of an enrollment, in the order in which they were claimed first.
select id, step_id, step_position, sender_account_id, state, state_reason, created_at, settled_at
from messages
where workspace_id = :workspace_id and enrollment_id = :enrollment_id
order by created_at, id;

-- name: list_conversations
-- The latest attempts to send them.
select step_id, number, sender_account_id, outcome, server, code, enhanced_code, answer, ended_at
from attempts
where workspace_id = :workspace_id and enrollment_id = :enrollment_id
order by ended_at desc, number desc
limit :limit;

-- name: find_change
-- When an enrollment was changed last.
select updated_at from enrollments where workspace_id = :workspace_id and id = :enrollment_id;
