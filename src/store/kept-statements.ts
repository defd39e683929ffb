import type { SqliteDatabase, SqliteStatement } from 'kysely';
import type Sqlite from 'libsql';
import { LRUCache } from 'lru-cache';

/** Statements that a store uses are some hundred; those with a list of values are one for each length. */
const MOST = 300;

/**
 * The database with its statements prepared once each: preparing took nearly half of what a step costs the store. One that fails is not used
 * again, since libsql leaves it in progress where it was refused as busy.
 */
export function keepingStatements(database: Sqlite.Database): SqliteDatabase {
  const kept = new LRUCache<string, SqliteStatement>({ max: MOST });
  const prepare = (sql: string): SqliteStatement => {
    const statement = database.prepare(sql);
    const orForget = <T>(act: () => T): T => {
      try {
        return act();
      } catch (error) {
        kept.delete(sql);
        throw error;
      }
    };
    return {
      reader: statement.reader,
      all: (parameters) => orForget(() => statement.all(parameters)),
      run: (parameters) => orForget(() => statement.run(parameters)),
      iterate: () => {
        throw new Error('the store reads all rows at once');
      },
    };
  };
  return {
    close: () => void database.close(),
    prepare(sql) {
      const known = kept.get(sql) ?? prepare(sql);
      kept.set(sql, known);
      return known;
    },
  };
}
