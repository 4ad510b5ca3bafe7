-- name: end_enrollments_of_leads
-- Whatever is still open for these leads, in flight or not, ends now; what is in flight is refused its clearance.
update enrollments
set state = :state, state_reason = :reason, updated_at = :now,
    unsubscribed_at = coalesce(unsubscribed_at, case when :state = 'unsubscribed' then :now::timestamptz end)
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
-- Every staged lead was new, and has the id that was proposed for it: nobody else can have enrolled it yet.
insert into enrollments (workspace_id, id, campaign_id, lead_id, state, due_at, time_zone, created_at, updated_at)
select :workspace_id, enrollment_id, :campaign_id, lead_id, 'waiting', :now,
       case when :uses_lead_zone then coalesce(time_zone, '') else '' end, :now, :now
from staged_leads
returning true;

-- name: enroll_leads!
-- Some staged leads were known, under ids of their own; who is in the campaign keeps the place that they have.
insert into enrollments (workspace_id, id, campaign_id, lead_id, state, due_at, time_zone, created_at, updated_at)
select :workspace_id, s.enrollment_id, :campaign_id, l.id, 'waiting', :now,
       case when :uses_lead_zone then coalesce(l.time_zone, '') else '' end, :now, :now
from staged_leads s
join leads l on l.email_key = s.email_key
where l.workspace_id = :workspace_id
on conflict (workspace_id, campaign_id, lead_id) do nothing;

-- name: find_use_of_lead_zones
-- Whether a campaign goes by the zones of its leads.
select coalesce(schedule ->> 'useLeadTimeZone' = 'true', false) from campaigns where workspace_id = :workspace_id and id = :campaign_id;

-- name: rezone_staged_leads!
-- Zones that an import has changed, in every campaign that goes by them. Each lead by its index (OFFSET 0 keeps the inner query as it
-- is), for the chunk is small and campaigns are large.
with zoned as materialized (
  select l.id, coalesce(l.time_zone, '') as time_zone
  from staged_leads s
  join leads l on l.email_key = s.email_key
  where l.workspace_id = :workspace_id),
moved as materialized (
  select part.id, z.time_zone
  from zoned z
  cross join lateral (select e.id, e.campaign_id, e.time_zone from enrollments e
                      where e.workspace_id = :workspace_id and e.lead_id = z.id offset 0) part
  where part.time_zone <> z.time_zone
    and part.campaign_id = any(array(select c.id from campaigns c
                                     where c.workspace_id = :workspace_id and c.schedule ->> 'useLeadTimeZone' = 'true')))
update enrollments e set time_zone = m.time_zone, updated_at = :now
from moved m
where e.workspace_id = :workspace_id and e.id = m.id;

-- name: rezone_lead!
-- The zone of one lead has changed.
update enrollments e set time_zone = :time_zone, updated_at = :now
from campaigns c
where e.workspace_id = :workspace_id and c.workspace_id = :workspace_id
  and e.lead_id = :lead_id and e.campaign_id = c.id and c.schedule ->> 'useLeadTimeZone' = 'true' and e.time_zone <> :time_zone;

-- name: rezone_campaign_by_leads!
-- The campaign goes by the zones of its leads now. Ended enrollments too: some come back.
update enrollments e set time_zone = coalesce(l.time_zone, ''), updated_at = :now
from leads l
where e.workspace_id = :workspace_id and l.workspace_id = :workspace_id
  and e.campaign_id = :campaign_id and l.id = e.lead_id and e.time_zone <> coalesce(l.time_zone, '');

-- name: rezone_campaign_by_itself!
-- The campaign goes by its own zone alone now.
update enrollments set time_zone = '', updated_at = :now
where workspace_id = :workspace_id and campaign_id = :campaign_id and time_zone <> '';

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
set state = r.state, updated_at = :now,
    state_reason = case when r.state in ('uncertain', 'bounced', 'failed') then (
      select m.state_reason from messages m
      where m.workspace_id = :workspace_id and m.enrollment_id = e.id and m.state in ('uncertain', 'refused')
      order by m.state desc, m.id desc limit 1) end
from resumed r
where e.workspace_id = :workspace_id and e.id = r.id
returning e.state;

-- name: find_enrollment
select id, campaign_id, lead_id, state, state_reason, position, attempt, due_at, away_until, last_sent_at, sender_account_id, created_at
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
update enrollments e set state = r.state, updated_at = :now,
    state_reason = case when r.state = 'uncertain' then (
      select max(m.state_reason) from messages m
      where m.workspace_id = :workspace_id and m.enrollment_id = e.id and m.state = 'uncertain') end
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
select l.id as lead_id, l.email, l.first_name, l.last_name, l.company, l.job_title, l.time_zone, e.state, e.state_reason,
       e.position, e.attempt, e.due_at, e.last_sent_at, e.sender_account_id, e.created_at
from enrollments e
join leads l on l.workspace_id = e.workspace_id and l.id = e.lead_id
where e.workspace_id = :workspace_id and l.workspace_id = :workspace_id and e.campaign_id = :campaign_id
  and case when :state::text is null then e.state <> 'removed' else e.state = :state end
  and (:before::uuid is null or e.lead_id < :before)
order by e.lead_id desc
limit :limit;

-- name: find_campaign_lead
select l.id as lead_id, l.email, l.first_name, l.last_name, l.company, l.job_title, l.time_zone, e.state, e.state_reason,
       e.position, e.attempt, e.due_at, e.last_sent_at, e.sender_account_id, e.created_at
from enrollments e
join leads l on l.workspace_id = e.workspace_id and l.id = e.lead_id
where e.workspace_id = :workspace_id and l.workspace_id = :workspace_id and e.campaign_id = :campaign_id and e.lead_id = :lead_id;
