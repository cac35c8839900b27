-- A place beside insight's schema in which its read model is built afresh from the events, before it takes the old
-- one's place (services/insight/rebuild.py). The owner of a schema cannot make another one.
CREATE SCHEMA IF NOT EXISTS insight_next AUTHORIZATION owner_insight;
REVOKE ALL ON SCHEMA insight_next FROM PUBLIC;
GRANT USAGE ON SCHEMA insight_next TO app_insight;
