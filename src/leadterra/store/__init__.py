"""PostgreSQL: one module and one .sql file per aggregate, the unit of work, migrations."""
