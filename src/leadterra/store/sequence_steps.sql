-- name: list_steps_of_campaigns
-- The steps of campaigns, each with the id of its campaign in front.
select campaign_id, id, position, subject, body_html, body_text, delay_days, thread_reply, updated_at, delay_unit, weight, version
from sequence_steps where workspace_id = :workspace_id and campaign_id = any(:campaign_ids)
order by campaign_id, position;

-- name: count_steps
select count(*) from sequence_steps where workspace_id = :workspace_id and campaign_id = :campaign_id;

-- name: delete_steps!
delete from sequence_steps where workspace_id = :workspace_id and campaign_id = :campaign_id and id = any(:step_ids);

-- name: save_steps!
-- New ones and changed ones; positions may be exchanged, as their uniqueness is checked at the end of the transaction.
insert into sequence_steps (workspace_id, id, campaign_id, position, subject, body_html, body_text, delay_days, delay_unit, thread_reply,
                            weight, version, updated_at)
select :workspace_id, d.id, :campaign_id, d.position, d.subject, d.body_html, d.body_text, d.delay_days, d.delay_unit, d.thread_reply,
       d.weight, d.version, d.updated_at
from unnest(:ids::uuid[], :positions::smallint[], :subjects::text[], :bodies_html::text[], :bodies_text::text[],
            :delays::double precision[], :delay_units::text[], :thread_replies::boolean[], :weights::double precision[],
            :versions::integer[], :updated_ats::timestamptz[])
  as d (id, position, subject, body_html, body_text, delay_days, delay_unit, thread_reply, weight, version, updated_at)
on conflict (workspace_id, id) do update
set position = excluded.position, subject = excluded.subject, body_html = excluded.body_html, body_text = excluded.body_text,
    delay_days = excluded.delay_days, delay_unit = excluded.delay_unit, thread_reply = excluded.thread_reply,
    weight = excluded.weight, version = excluded.version, updated_at = excluded.updated_at;

-- name: list_tried_steps
-- Of these steps, those of which a message was put to a server, may have been, or is being sent now.
select d.id from unnest(:step_ids::uuid[]) as d (id)
where exists (
  select from messages m
  where m.workspace_id = :workspace_id and m.campaign_id = :campaign_id and m.step_id = d.id
    and m.state in ('sending', 'sent', 'uncertain', 'bounced', 'refused'));

-- name: cancel_messages_of_steps!
-- Messages of steps that are no more and that were not sent yet.
update messages set state = 'cancelled', state_reason = 'the step was removed', settled_at = :now
where workspace_id = :workspace_id and campaign_id = :campaign_id and step_id = any(:step_ids) and state in ('queued', 'deferred');

-- name: cancel_overtaken_messages!
-- Messages that came back unsent, of steps that are behind their leads now.
update messages m set state = 'cancelled', state_reason = 'the steps were put in another order', settled_at = :now
from enrollments e, sequence_steps s
where m.workspace_id = :workspace_id and e.workspace_id = :workspace_id and s.workspace_id = :workspace_id
  and m.campaign_id = :campaign_id and m.state in ('queued', 'deferred')
  and e.id = m.enrollment_id and s.id = m.step_id and s.position < e.position;

-- name: find_schedule
-- The schedule of a campaign as JSON; null for always.
select schedule from campaigns where workspace_id = :workspace_id and id = :campaign_id;

-- name: list_last_sent
-- When those who may be given another time at these positions were sent their last message, each instant once a position.
select distinct position, last_sent_at from enrollments
where workspace_id = :workspace_id and campaign_id = :campaign_id and position = any(:positions) and last_sent_at is not null
  and state in ('waiting', 'held', 'paused', 'finished', 'removed');

-- name: reposition_enrollments
-- Everyone to where an edit puts them: who waits for another follow-up, or another time, waits its delay from the last message; who was
-- through and has a step again goes on; who has none left is through. Who is in the middle of a step stays with it, and if it is removed
-- is as those who wait; a paused one may be in the middle of one too, and one taken out may come back. Where only some days count, the
-- due instants come ready. How many were opened and how many ended.
with placed as (
  select e.id, e.state, e.position, e.attempt, e.due_at, e.last_sent_at, d.next, d.in_progress, d.is_retimed,
         d.in_progress is not null
         and (e.attempt > 0 or e.claim_number is not null or e.state in ('sending', 'uncertain')
              or e.state in ('paused', 'removed')
              and exists (select from messages m
                          where m.workspace_id = :workspace_id and m.enrollment_id = e.id and m.state = 'uncertain')) as is_in_progress
  from enrollments e
  join unnest(:olds::smallint[], :nexts::smallint[], :in_progresses::smallint[], :retimed::boolean[])
    as d (old, next, in_progress, is_retimed) on d.old = e.position
  where e.workspace_id = :workspace_id and e.campaign_id = :campaign_id
    and e.state in ('waiting', 'sending', 'uncertain', 'held', 'paused', 'finished', 'removed')),
moved as (
  select p.id, case when p.is_in_progress then p.in_progress else p.next end as new_position,
         case when p.last_sent_at is null or p.is_in_progress then p.state
              when s.place is null and p.state in ('waiting', 'held', 'paused') then 'finished'
              when s.place is not null and p.state = 'finished' then 'waiting'
              else p.state end as new_state,
         case when p.is_in_progress then p.attempt else 0 end as new_attempt,
         case when p.is_in_progress or not p.is_retimed or p.last_sent_at is null or s.place is null then p.due_at
              else coalesce(w.due_at, p.last_sent_at + make_interval(secs => s.seconds)) end as new_due_at,
         p.state, p.position, p.attempt, p.due_at
  from placed p
  left join unnest(:places::smallint[], :seconds::double precision[]) as s (place, seconds)
    on s.place = case when p.is_in_progress then p.in_progress else p.next end
  left join unnest(:due_places::smallint[], :due_last_sent::timestamptz[], :dues::timestamptz[]) as w (place, last_sent_at, due_at)
    on w.place = s.place and w.last_sent_at = p.last_sent_at),
changed as (
  update enrollments e
  set state = m.new_state, position = m.new_position, attempt = m.new_attempt, due_at = m.new_due_at, updated_at = :now
  from moved m
  where e.workspace_id = :workspace_id and e.id = m.id
    and (m.new_state, m.new_position, m.new_attempt, m.new_due_at) is distinct from (m.state, m.position, m.attempt, m.due_at)
  returning m.state as old_state, m.new_state)
select count(*) filter (where old_state = 'finished' and new_state <> 'finished'),
       count(*) filter (where old_state <> 'finished' and new_state = 'finished')
from changed;
