-- name: end_enrollments_of_leads
-- Whatever is still open for these leads, in flight or not, ends now; what is in flight is refused its clearance.
update enrollments
set state = :state, state_reason = :reason, updated_at = :now
where workspace_id = :workspace_id and lead_id = any(:lead_ids)
  and state in ('waiting', 'sending', 'uncertain', 'held', 'paused')
returning id, campaign_id, lead_id;

-- name: cancel_unsent_messages!
-- What these enrollments had queued and will not send any more.
update messages set state = 'cancelled', state_reason = :reason, settled_at = :now
where workspace_id = :workspace_id and enrollment_id = any(:enrollment_ids) and state in ('queued', 'deferred');

-- name: cancel_messages_of_campaign!
update messages set state = 'cancelled', state_reason = :reason, settled_at = :now
where workspace_id = :workspace_id and campaign_id = :campaign_id and state in ('queued', 'deferred');

-- name: enroll_new_leads!
-- Every staged lead was new, and has the id that was proposed for it.
insert into enrollments (workspace_id, id, campaign_id, lead_id, state, due_at, created_at, updated_at)
select :workspace_id, enrollment_id, :campaign_id, lead_id, 'waiting', :now, :now, :now
from staged_leads
on conflict (workspace_id, campaign_id, lead_id) do nothing;

-- name: enroll_leads!
-- Some staged leads were known, under ids of their own; who is in the campaign keeps the place that they have.
insert into enrollments (workspace_id, id, campaign_id, lead_id, state, due_at, created_at, updated_at)
select :workspace_id, s.enrollment_id, :campaign_id, l.id, 'waiting', :now, :now, :now
from staged_leads s
join leads l on l.email_key = s.email_key
where l.workspace_id = :workspace_id
on conflict (workspace_id, campaign_id, lead_id) do nothing;

-- name: revive_staged_enrollments
-- Staged leads that had been taken out of the campaign are in it again, where they were. Their states now. One whose
-- message was given up while it was being taken out has ended by that, as if it had been settled before.
with returning_leads as (
  select e.id, e.claim_number, e.last_sent_at, e.position
  from staged_leads s
  join leads l on l.email_key = s.email_key
  join enrollments e on e.workspace_id = l.workspace_id and e.lead_id = l.id
  where l.workspace_id = :workspace_id and e.workspace_id = :workspace_id and e.campaign_id = :campaign_id and e.state = 'removed'),
resumed as (
  select r.id,
         case when r.claim_number is not null then 'sending'
              when exists (select from messages m
                           where m.workspace_id = :workspace_id and m.enrollment_id = r.id and m.state = 'uncertain') then 'uncertain'
              when exists (select from messages m
                           where m.workspace_id = :workspace_id and m.enrollment_id = r.id and m.state = 'refused'
                             and m.refusal_scope = 'recipient') then 'bounced'
              when exists (select from messages m
                           where m.workspace_id = :workspace_id and m.enrollment_id = r.id and m.state = 'refused') then 'failed'
              when r.last_sent_at is not null and r.position >= :steps then 'finished'
              else 'waiting' end as state
  from returning_leads r)
update enrollments e
set state = r.state, state_reason = null, updated_at = :now
from resumed r
where e.workspace_id = :workspace_id and e.id = r.id
returning e.state;

-- name: find_enrollment
select id, campaign_id, lead_id, state, state_reason, position, attempt, due_at, last_sent_at, sender_account_id, created_at
from enrollments where workspace_id = :workspace_id and campaign_id = :campaign_id and lead_id = :lead_id;

-- name: pause_enrollment!
update enrollments set state = 'paused', state_reason = :reason, updated_at = :now
where workspace_id = :workspace_id and id = :id and state in ('waiting', 'sending', 'uncertain', 'held');

-- name: resume_enrollment
-- Back to where it was: with the worker that holds it, with its uncertain message, or in line.
with resumed as (
  select e.id,
         case when e.claim_number is not null then 'sending'
              when exists (select from messages m
                           where m.workspace_id = :workspace_id and m.enrollment_id = e.id and m.state = 'uncertain') then 'uncertain'
              when e.last_sent_at is not null and e.position >= :steps then 'finished'
              else 'waiting' end as state
  from enrollments e
  where e.workspace_id = :workspace_id and e.id = :id and e.state = 'paused')
update enrollments e set state = r.state, state_reason = null, updated_at = :now
from resumed r
where e.workspace_id = :workspace_id and e.id = r.id
returning e.state;

-- name: remove_enrollment!
-- Whoever was through may be taken out too, and come back; how everybody else ended is kept.
update enrollments set state = 'removed', state_reason = :reason, updated_at = :now
where workspace_id = :workspace_id and id = :id and state in ('waiting', 'sending', 'uncertain', 'held', 'paused', 'finished');

-- name: release_held_of_lead
-- A field that was missing may be there now.
update enrollments set state = 'waiting', state_reason = null, updated_at = :now
where workspace_id = :workspace_id and lead_id = :lead_id and state = 'held' and claim_number is null
returning campaign_id;

-- name: release_held_of_staged_leads!
-- The same for everybody whom an import brings again.
update enrollments e set state = 'waiting', state_reason = null, updated_at = :now
from staged_leads s
join leads l on l.email_key = s.email_key
where e.workspace_id = :workspace_id and l.workspace_id = :workspace_id and e.lead_id = l.id
  and e.state = 'held' and e.claim_number is null;

-- name: release_held_of_campaign!
-- The campaign does not hold leads any more.
update enrollments set state = 'waiting', state_reason = null, updated_at = :now
where workspace_id = :workspace_id and campaign_id = :campaign_id and state = 'held' and claim_number is null;

-- name: list_enrollment_ids_of_lead
select id from enrollments where workspace_id = :workspace_id and lead_id = :lead_id;

-- name: list_campaign_leads
-- Who is in a campaign, latest lead first.
select l.id as lead_id, l.email, l.first_name, l.last_name, l.company, l.job_title, e.state, e.state_reason, e.position, e.attempt, e.due_at,
       e.last_sent_at, e.sender_account_id, e.created_at
from enrollments e
join leads l on l.workspace_id = e.workspace_id and l.id = e.lead_id
where e.workspace_id = :workspace_id and l.workspace_id = :workspace_id and e.campaign_id = :campaign_id
  and case when :state::text is null then e.state <> 'removed' else e.state = :state end
  and (:before::uuid is null or e.lead_id < :before)
order by e.lead_id desc
limit :limit;

-- name: find_campaign_lead
select l.id as lead_id, l.email, l.first_name, l.last_name, l.company, l.job_title, e.state, e.state_reason, e.position, e.attempt, e.due_at,
       e.last_sent_at, e.sender_account_id, e.created_at
from enrollments e
join leads l on l.workspace_id = e.workspace_id and l.id = e.lead_id
where e.workspace_id = :workspace_id and l.workspace_id = :workspace_id and e.campaign_id = :campaign_id and e.lead_id = :lead_id;
