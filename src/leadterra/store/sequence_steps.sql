-- name: list_steps
select id, position, subject, body_html, body_text, delay_days, thread_reply, updated_at
from sequence_steps where workspace_id = :workspace_id and campaign_id = :campaign_id
order by position;

-- name: list_steps_of_campaigns
-- The steps of several campaigns, each with the id of its campaign in front.
select campaign_id, id, position, subject, body_html, body_text, delay_days, thread_reply, updated_at
from sequence_steps where workspace_id = :workspace_id and campaign_id = any(:campaign_ids)
order by campaign_id, position;

-- name: count_steps
select count(*) from sequence_steps where workspace_id = :workspace_id and campaign_id = :campaign_id;

-- name: delete_steps!
delete from sequence_steps where workspace_id = :workspace_id and campaign_id = :campaign_id and id = any(:step_ids);

-- name: save_steps!
-- New ones and changed ones; positions may be exchanged, as their uniqueness is checked at the end of the transaction.
insert into sequence_steps (workspace_id, id, campaign_id, position, subject, body_html, body_text, delay_days, thread_reply, updated_at)
select :workspace_id, d.id, :campaign_id, d.position, d.subject, d.body_html, d.body_text, d.delay_days, d.thread_reply, d.updated_at
from unnest(:ids::uuid[], :positions::smallint[], :subjects::text[], :bodies_html::text[], :bodies_text::text[],
            :delays::double precision[], :thread_replies::boolean[], :updated_ats::timestamptz[])
  as d (id, position, subject, body_html, body_text, delay_days, thread_reply, updated_at)
on conflict (workspace_id, id) do update
set position = excluded.position, subject = excluded.subject, body_html = excluded.body_html, body_text = excluded.body_text,
    delay_days = excluded.delay_days, thread_reply = excluded.thread_reply, updated_at = excluded.updated_at;

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

-- name: reposition_enrollments
-- Everyone to where an edit puts them: who waits for a follow-up waits its new delay from the last message; who was through and has
-- a step again goes on; who has none left is through. How many were opened and how many were ended.
with placed as (
  select e.id, e.state, e.position, e.attempt, e.due_at, e.last_sent_at,
         (e.attempt > 0 or e.state in ('sending', 'uncertain')) and d.in_progress is not null as is_in_progress,
         case when e.attempt > 0 or e.state in ('sending', 'uncertain') then coalesce(d.in_progress, d.next) else d.next end as new_position
  from enrollments e
  join unnest(:olds::smallint[], :nexts::smallint[], :in_progresses::smallint[]) as d (old, next, in_progress) on d.old = e.position
  where e.workspace_id = :workspace_id and e.campaign_id = :campaign_id
    and e.state in ('waiting', 'sending', 'uncertain', 'held', 'paused', 'finished')),
moved as (
  select p.id, p.state as old_state, p.new_position,
         case when p.last_sent_at is null or p.is_in_progress then p.state
              when s.place is null and p.state in ('waiting', 'held', 'paused') then 'finished'
              when s.place is not null and p.state = 'finished' then 'waiting'
              else p.state end as new_state,
         case when p.is_in_progress then p.attempt else 0 end as new_attempt,
         case when p.is_in_progress or p.last_sent_at is null or s.place is null then p.due_at
              else p.last_sent_at + make_interval(secs => s.seconds) end as new_due_at,
         p.state, p.position, p.attempt, p.due_at
  from placed p
  left join unnest(:places::smallint[], :seconds::double precision[]) as s (place, seconds) on s.place = p.new_position),
changed as (
  update enrollments e
  set state = m.new_state, position = m.new_position, attempt = m.new_attempt, due_at = m.new_due_at, updated_at = :now
  from moved m
  where e.workspace_id = :workspace_id and e.id = m.id
    and (m.new_state, m.new_position, m.new_attempt, m.new_due_at) is distinct from (m.state, m.position, m.attempt, m.due_at)
  returning m.old_state, m.new_state)
select count(*) filter (where old_state = 'finished' and new_state <> 'finished'),
       count(*) filter (where old_state <> 'finished' and new_state = 'finished')
from changed;
