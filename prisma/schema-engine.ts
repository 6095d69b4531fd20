/**
 * Runs Prisma's schema engine as WebAssembly, connected to a PostgreSQL URL.
 *
 * Prisma downloads its native engine at first use. The WebAssembly comes with the npm package, so even a machine that
 * can reach only its database can migrate. The package's entry point imports the `.wasm` file as a module, which Node
 * supports only behind a flag. This file therefore instantiates the module itself.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { schemaEngineAdapter } from './schema-engine-adapter';

const GLUE = '@prisma/schema-engine-wasm/schema_engine_bg';

interface EngineGlue {
  SchemaEngine: typeof SchemaEngine;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

/**
 * Runs `work` with an engine that is connected to `url`, and frees the engine afterwards.
 *
 * @throws the engine's error with Prisma's code and message (such as `P1001` unreachable, `P3018` failed migration)
 */
export async function withSchemaEngine<T>(
  url: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const glue = await loadGlue();
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const adapter = bindMigrationAwareSqlAdapterFactory(schemaEngineAdapter(pool));
  let engine: SchemaEngine | undefined;
  try {
    engine = await glue.SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
    return await work(engine);
  } finally {
    // Freeing the engine does not close its connections, so end the pool too.
    engine?.free();
    await pool.end();
  }
}

let loading: Promise<EngineGlue> | undefined;

function loadGlue(): Promise<EngineGlue> {
  loading ??= instantiate();
  return loading;
}

async function instantiate(): Promise<EngineGlue> {
  // The engine reports the message of a panic here. Without this registry, the panic would appear as a different error.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => console.error(message) },
  });
  const glue: EngineGlue = await import(GLUE);
  const gluePath = createRequire(import.meta.url).resolve(GLUE);
  const bytes = await readFile(gluePath.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start === 'function') start();
  return glue;
}
