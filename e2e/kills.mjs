// kill -9 during a workbook import, as often as CONGLANG_KILLS says (100): `npm run kills`.
// Each round begins with the same database: a workbook is uploaded, judged and written, the program is killed at some moment of
// that, started again, verified, and the import gone on with. Nothing may be half there, and in the end everything is.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { places } from "./lib/api.mjs";
import { engines, freePort } from "./lib/server.mjs";

const binary = resolve(fileURLToPath(new URL(".", import.meta.url)), process.env.CONGLANG_TEST_BINARY ?? "../target/debug/conglang");
const postgres = process.env.CONGLANG_TEST_POSTGRES;
const rounds = Number(process.env.CONGLANG_KILLS ?? 100);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const dir = mkdtempSync(join(tmpdir(), "conglang-kills."));
const out = openSync(join(dir, "log"), "a");
const psql = (sql) => execFileSync("psql", [postgres, "-qc", sql], { stdio: ["ignore", "ignore", "inherit"] });

/** A database as it was before the import: made once, copied for each round. */
function store(engine) {
  if (engine === "SQLite") {
    const file = (name) => join(dir, `${name}.db`);
    return {
      address: (name) => `sqlite:${file(name)}`,
      copy: (name) => {
        for (const tail of ["-wal", "-shm"]) rmSync(file(name) + tail, { force: true });
        copyFileSync(file("seed"), file(name));
      },
    };
  }
  const called = (name) => `kills_${process.pid}_${name}`;
  const address = (name) => Object.assign(new URL(postgres), { pathname: `/${called(name)}` }).href;
  psql(`CREATE DATABASE ${called("seed")}`);
  return {
    address,
    copy: (name) => {
      psql(`DROP DATABASE IF EXISTS ${called(name)} WITH (FORCE)`);
      psql(`CREATE DATABASE ${called(name)} TEMPLATE ${called("seed")}`);
    },
    drop: () => ["seed", "round"].forEach((name) => psql(`DROP DATABASE IF EXISTS ${called(name)} WITH (FORCE)`)),
  };
}

async function serve(database) {
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(binary, ["serve", "--demo", "--listen", listen, "--database", database], { cwd: dir, stdio: ["ignore", out, out] });
  const gone = new Promise((done) => child.once("exit", done));
  const url = `http://${listen}`;
  for (const from = Date.now(); Date.now() - from < 300_000; await pause(20)) {
    if ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok) return { url, end: (signal) => (child.kill(signal), gone) };
  }
  throw new Error("the program does not start");
}

/** The officer at work. */
async function officer(url) {
  const answer = await fetch(`${url}/sign-in`, { method: "POST", redirect: "manual", body: new URLSearchParams({ login: "canbo", password: "canbo" }) });
  const cookie = answer.headers.getSetCookie().map((c) => c.split(";")[0]).join("; ");
  const ask = (path, options = {}) => fetch(url + path, { redirect: "manual", ...options, headers: { cookie } });
  const text = async (path) => (await ask(path)).text();
  return {
    ask,
    text,
    upload: async (book) => {
      const form = new FormData();
      form.append("file", new Blob([book]), "so-lieu.xlsx");
      return (await ask("/intake", { method: "POST", body: form })).headers.get("location");
    },
    /** Goes on with a job until it is written. */
    finish: async (job) => {
      for (const from = Date.now(); Date.now() - from < 120_000; await pause(15)) {
        const page = await text(job);
        if (page.includes("Các giá trị được lưu thành bản nháp")) return;
        if (page.includes(`${job}/write`)) await ask(`${job}/write`, { method: "POST", body: new URLSearchParams({ intent: "draft" }) });
        else if (page.includes(`${job}/resume`)) await ask(`${job}/resume`, { method: "POST" });
      }
      throw new Error(`${job} never ends`);
    },
    filled: async (commune, period) => Number((await text(`/enter?unit=${commune.id}&period=${period}`)).match(/class="num">(\d+)\/\d+</)[1]),
  };
}

for (const engine of engines) {
  const data = store(engine);
  const tally = { none: 0, whole: 0 };
  const first = await serve(data.address("seed"));
  const { commune } = await places(first.url);
  const someone = await officer(first.url);
  const book = Buffer.from(await (await someone.ask("/intake/demo.xlsx")).arrayBuffer());
  const period = (await someone.text("/today")).match(/\/enter\?unit=[0-9a-f-]+&(?:amp;|#38;)?period=([\dQH-]+)/)[1];
  const before = await someone.filled(commune, period);
  await first.end("SIGTERM");
  // How long an import takes here, and what it brings.
  data.copy("round");
  let server = await serve(data.address("round"));
  let work = await officer(server.url);
  let from = Date.now();
  await work.finish(await work.upload(book));
  const lasts = Date.now() - from;
  const after = await work.filled(commune, period);
  await server.end("SIGKILL");
  assert.ok(after > before, "the workbook brings nothing");
  for (let round = 0; round < rounds; round++) {
    data.copy("round");
    server = await serve(data.address("round"));
    work = await officer(server.url);
    let job;
    const doing = (async () => {
      job = await work.upload(book);
      await work.finish(job);
    })().catch(() => undefined);
    await pause(Math.random() * lasts * 1.1);
    await server.end("SIGKILL");
    await doing;
    server = await serve(data.address("round"));
    work = await officer(server.url);
    const held = await work.filled(commune, period);
    assert.ok(held === before || held === after, `${engine}, round ${round}: ${held} values, neither ${before} nor ${after}`);
    tally[held === after ? "whole" : "none"]++;
    const known = job && (await work.ask(job)).status === 200;
    // A job that was acknowledged is there and is gone on with; one that was not is sent again.
    assert.ok(!job || known, `${engine}, round ${round}: an acknowledged upload is gone`);
    await work.finish(known ? job : await work.upload(book));
    assert.equal(await work.filled(commune, period), after, `${engine}, round ${round}`);
    await server.end("SIGTERM");
    execFileSync(binary, ["verify", "--database", data.address("round")], { stdio: ["ignore", "ignore", "inherit"] });
  }
  data.drop?.();
  process.stdout.write(`${engine}: killed ${rounds} times within ${lasts} ms of a workbook import: ${tally.none} times nothing was there, ${tally.whole} times all ${after - before} values, never a part; verify says 0 each time\n`);
}
rmSync(dir, { recursive: true, force: true });
