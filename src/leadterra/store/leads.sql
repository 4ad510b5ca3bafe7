-- name: create_staging!
-- A chunk of leads on their way in; one table a connection, empty at the end of every transaction.
create temporary table if not exists staged_leads (
  lead_id uuid not null, enrollment_id uuid not null, given smallint not null, email text not null, email_key text not null,
  email_domain text not null, first_name text, last_name text, company text, job_title text, time_zone text, custom_fields jsonb not null
) on commit delete rows;

-- name: clear_staging!
-- workspace-free: the table is this session's own.
delete from staged_leads;

-- name: copy_staging!
-- The null mark is a character that no field may hold.
copy staged_leads from stdin (null E'\x01');

-- name: insert_new_leads!
-- All of them, in the order of their keys, and without ON CONFLICT, which costs a fifth of all the work of an import: a look-up in
-- the index and a second record of the log for every row. One that is known fails the statement.
insert into leads (workspace_id, id, email, email_key, email_domain, first_name, last_name, company, job_title, time_zone, custom_fields,
                   created_at, updated_at)
select :workspace_id, lead_id, email, email_key, email_domain, first_name, last_name, company, job_title, time_zone,
       case when given & 32 <> 0 then jsonb_strip_nulls(custom_fields) else custom_fields end, :stamp, :stamp
from staged_leads
order by email_key
returning true;

-- name: insert_staged_leads!
-- Those that are new, in the order of their keys: two imports of the same people wait for each other and do not deadlock.
insert into leads (workspace_id, id, email, email_key, email_domain, first_name, last_name, company, job_title, time_zone, custom_fields,
                   created_at, updated_at)
select :workspace_id, lead_id, email, email_key, email_domain, first_name, last_name, company, job_title, time_zone,
       case when given & 32 <> 0 then jsonb_strip_nulls(custom_fields) else custom_fields end, :stamp, :stamp
from staged_leads
order by email_key
on conflict (workspace_id, email_key) do nothing;

-- name: update_staged_leads
-- Those that were known: only the fields that were given, one bit each; a null takes a custom field away. Their keys, and whether
-- this same import has touched them before.
with known as (
  select l.id, l.updated_at = :stamp as is_repeated, s.*
  from staged_leads s
  join leads l on l.email_key = s.email_key
  where l.workspace_id = :workspace_id and l.id <> s.lead_id
  order by s.email_key
  for update of l)
update leads l
set email = known.email,
    first_name = case when known.given & 1 <> 0 then known.first_name else l.first_name end,
    last_name = case when known.given & 2 <> 0 then known.last_name else l.last_name end,
    company = case when known.given & 4 <> 0 then known.company else l.company end,
    job_title = case when known.given & 8 <> 0 then known.job_title else l.job_title end,
    time_zone = case when known.given & 16 <> 0 then known.time_zone else l.time_zone end,
    custom_fields = jsonb_strip_nulls(l.custom_fields || known.custom_fields),
    updated_at = :stamp
from known
where l.workspace_id = :workspace_id and l.id = known.id
returning known.email_key, known.is_repeated;

-- name: has_suppressions
select exists (select from suppressions where workspace_id = :workspace_id);

-- name: list_suppressed_hashes
select hash from suppressions where workspace_id = :workspace_id and hash = any(:hashes);

-- name: find_lead
select id, email, email_key, email_domain, first_name, last_name, company, job_title, time_zone, custom_fields, created_at, updated_at
from leads where workspace_id = :workspace_id and id = :id;

-- name: lock_lead
-- Taken before the pool's lock, as imports do.
select id, email, email_key, email_domain, first_name, last_name, company, job_title, time_zone, custom_fields, created_at, updated_at
from leads where workspace_id = :workspace_id and id = :id
for update;

-- name: list_leads
-- Newest first: ids rise with time.
select id, email, email_key, email_domain, first_name, last_name, company, job_title, time_zone, custom_fields, created_at, updated_at
from leads
where workspace_id = :workspace_id and (:email_key::text is null or email_key = :email_key) and (:before::uuid is null or id < :before)
order by id desc
limit :limit;

-- name: save_lead!
update leads
set email = :email, email_key = :email_key, email_domain = :email_domain, first_name = :first_name, last_name = :last_name,
    company = :company, job_title = :job_title, time_zone = :time_zone, custom_fields = :custom_fields, updated_at = :now
where workspace_id = :workspace_id and id = :id;

-- name: delete_lead!
delete from leads where workspace_id = :workspace_id and id = :id;

-- name: forget_words_to_lead!
-- What messages to an erased lead said of them.
update messages set subject = null, state_reason = case when state_reason is null then null else 'erased' end
where workspace_id = :workspace_id and enrollment_id = any(:enrollment_ids);

-- name: forget_zone_of_lead!
-- Where they were, as far as their part in campaigns tells.
update enrollments set time_zone = '' where workspace_id = :workspace_id and id = any(:enrollment_ids) and time_zone <> '';

-- name: forget_answers_about_lead!
-- Servers repeat the address in their answers.
update attempts set answer = '' where workspace_id = :workspace_id and enrollment_id = any(:enrollment_ids);
