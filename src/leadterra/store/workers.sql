-- name: upsert_worker!
-- cross-workspace: the table of processes belongs to nobody.
insert into workers (id, host, pid, started_at, seen_at) values (:id, :host, :pid, :now, :now)
on conflict (id) do update set seen_at = excluded.seen_at;

-- name: delete_worker!
-- cross-workspace: the table of processes belongs to nobody.
delete from workers where id = :id;

-- name: delete_silent_workers!
-- cross-workspace: the table of processes belongs to nobody.
delete from workers where seen_at < :before;

-- name: count_workers
-- cross-workspace: the table of processes belongs to nobody.
select count(*) from workers where seen_at >= :since;

-- name: migrations_exist
-- cross-workspace: the schema's own record.
select to_regclass('_yoyo_migration') is not null;

-- name: list_applied_migrations
-- cross-workspace: the schema's own record.
select migration_id from _yoyo_migration order by migration_id;
