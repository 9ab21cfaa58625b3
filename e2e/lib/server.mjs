// The real binary with demo data, on a database of its own, started and stopped by its process id.
import { spawn, execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startProvider } from "./provider.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));
const binary = resolve(here, process.env.CONGLANG_TEST_BINARY ?? "../target/debug/conglang");
const postgres = process.env.CONGLANG_TEST_POSTGRES;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** The engines to test on: SQLite always, PostgreSQL when there is one. */
export const engines = postgres ? ["SQLite", "PostgreSQL"] : ["SQLite"];

export function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

const sql = (statement) => execFileSync("psql", [postgres, "-qc", statement], { stdio: ["ignore", "ignore", "inherit"] });

/** @returns {Promise<{url: string, stop: () => Promise<void>}>} an empty place with demo data, ready to be read */
export async function start(engine) {
  const dir = mkdtempSync(join(tmpdir(), "conglang-e2e."));
  const name = `e2e_${process.pid}_${Date.now()}`;
  let database = `sqlite:${join(dir, "conglang.db")}`;
  // A database with demo data made before saves a minute while writing tests.
  if (engine === "SQLite" && process.env.CONGLANG_TEST_SEED) copyFileSync(process.env.CONGLANG_TEST_SEED, join(dir, "conglang.db"));
  if (engine === "PostgreSQL") {
    sql(`CREATE DATABASE ${name}`);
    const url = new URL(postgres);
    url.pathname = `/${name}`;
    database = url.href;
  }
  const listen = `127.0.0.1:${await freePort()}`;
  const log = join(dir, "log");
  const out = openSync(log, "a");
  const provider = await startProvider();
  const config = join(dir, "conglang.toml");
  writeFileSync(config, `[[sign_on]]\nkey = "thu-nghiem"\nname = "Nơi thử nghiệm"\nissuer = "${provider.issuer}"\nclient_id = "cong-lang"\nclient_secret = "x"\n`);
  // Passkeys are bound to a name.
  const env = { ...process.env, CONGLANG_CONFIG: config, CONGLANG_PUBLIC_ADDRESS: `http://localhost:${listen.split(":")[1]}` };
  const child = spawn(binary, ["serve", "--demo", "--listen", listen, "--database", database], { cwd: dir, stdio: ["ignore", out, out], env });
  const gone = new Promise((done) => child.once("exit", done).once("error", done));
  let dead = false;
  gone.then(() => (dead = true));
  const stop = async () => {
    child.kill("SIGTERM");
    provider.close();
    await Promise.race([gone, pause(10_000).then(() => child.kill("SIGKILL"))]);
    if (engine === "PostgreSQL") sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `http://${listen}`;
  for (const from = Date.now(); Date.now() - from < 240_000 && !dead; await pause(150)) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return { url, stop };
  }
  const said = readFileSync(log, "utf8").slice(-3000);
  await stop();
  throw new Error(`${binary} is not ready:\n${said}`);
}
