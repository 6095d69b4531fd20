-- The roles and the database of docs/operations.md#database. PostgreSQL's image runs this file when its volume is empty.
CREATE ROLE pulsestream_owner LOGIN PASSWORD 'local-only-owner';
CREATE ROLE pulsestream_app LOGIN PASSWORD 'local-only-app' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE pulsestream OWNER pulsestream_owner;
