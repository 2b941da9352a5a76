import { Database, SQLiteError } from "bun:sqlite";
import type { Examination, Finding } from "../../examiner.ts";
import { APPLICATION_ID } from "../connection.ts";
import { refuseNewer, schemaVersion } from "../migrate.ts";
import { MIGRATIONS } from "../migrations/index.ts";
import { RULES, type Rule } from "./rules.ts";

const TABLES = ["jobs", "workers", "nodes", "host_keys", "operations"];
/** For a file that is locked for the moments in which another process recovers it. Blocks this thread only. */
const BUSY_MS = 5_000;

type Row = Omit<Finding, "rule">;

/** Looks at the whole file in one snapshot. Takes as long as the file is large: for a thread of its own. */
export function look(path: string, limit: number): Examination {
  const db = new Database(path, { readwrite: true, create: false, strict: true });
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    db.run("PRAGMA query_only = ON");
    db.run("BEGIN");
    return examine(db, path, limit);
  } finally {
    db.close(true);
  }
}

/** Leaves no statement behind: one that is still open would keep the file open past `close`. */
function rows<R>(db: Database, sql: string, ...params: number[]): R[] {
  using statement = db.prepare<R, number[]>(sql);
  return statement.all(...params);
}

function examine(db: Database, path: string, limit: number): Examination {
  const newest = MIGRATIONS.length;
  const schema = { version: schemaVersion(db), newest };
  refuseNewer(schema.version, path);
  if (schema.version < newest) return { schema, findings: [older(schema.version)], looked: {} };
  const findings = [
    ...findingsOf("the file is sound", () => integrity(db, limit)),
    ...findingsOf("the file is marked as NetPulse's", () => applicationId(db)),
    ...findingsOf("the schema is what the migrations make", () => schemaDifferences(db).slice(0, limit)),
    ...RULES.flatMap((rule) => findingsOf(rule.rule, () => brokenBy(rule, db, limit))),
  ];
  return { schema, findings, looked: Object.fromEntries(TABLES.map((table) => [table, count(db, table)])) };
}

function older(version: number): Finding {
  const detail = `version ${version}, this program's is ${MIGRATIONS.length}: netpulse migrate brings it up to date`;
  return { rule: "the schema is the newest", subject: "schema", detail };
}

/** A damaged page makes the queries that meet it fail: that is what they have found. */
function findingsOf(rule: string, find: () => Row[]): Finding[] {
  try {
    return find().map((row) => ({ rule, ...row }));
  } catch (error) {
    if (!(error instanceof SQLiteError) || !/^SQLITE_(CORRUPT|ERROR)/.test(error.code ?? "")) throw error;
    return [{ rule, subject: "file", detail: `cannot be looked at: ${error.message}` }];
  }
}

/** Pages, the entries of every index, NOT NULL, UNIQUE and CHECK. A bound limit would be taken for a table's name. */
function integrity(db: Database, limit: number): Row[] {
  return rows<{ integrity_check: string }>(db, `PRAGMA integrity_check(${Math.trunc(limit)})`)
    .filter(({ integrity_check }) => integrity_check !== "ok")
    .map(({ integrity_check }) => ({ subject: "file", detail: integrity_check }));
}

function applicationId(db: Database): Row[] {
  const id = rows<{ application_id: number }>(db, "PRAGMA application_id")[0]?.application_id;
  return id === APPLICATION_ID ? [] : [{ subject: "file", detail: `application_id is ${id}` }];
}

/** Tables, indexes and triggers that are missing, changed, or not ours. */
function schemaDifferences(db: Database): Row[] {
  const fresh = new Database(":memory:");
  try {
    for (const migration of MIGRATIONS) fresh.run(migration);
    const wanted = schemaOf(fresh);
    const there = schemaOf(db);
    const names = new Set([...wanted.keys(), ...there.keys()]);
    return [...names].flatMap((name) => {
      if (wanted.get(name) === there.get(name)) return [];
      const what = !there.has(name) ? "missing" : wanted.has(name) ? "changed" : "not ours";
      return [{ subject: name, detail: what }];
    });
  } finally {
    fresh.close();
  }
}

function schemaOf(db: Database): Map<string, string> {
  const objects = rows<{ name: string; sql: string }>(
    db,
    "SELECT type || ' ' || name AS name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
  );
  return new Map(objects.map(({ name, sql }) => [name, sql]));
}

function brokenBy({ sql }: Rule, db: Database, limit: number): Row[] {
  return rows<Row>(db, `SELECT subject, detail FROM (${sql}) LIMIT ?`, limit);
}

function count(db: Database, table: string): number {
  try {
    return rows<{ n: number }>(db, `SELECT count(*) AS n FROM ${table}`)[0]?.n ?? 0;
  } catch (error) {
    if (error instanceof SQLiteError) return 0;
    throw error;
  }
}
