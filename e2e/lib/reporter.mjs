// One line per test as it ends, failures in full, and a last line that counts.

const indent = (text) => String(text).replace(/^/gm, "        ");
const lines = (stack) => String(stack ?? "").split("\n").filter((line) => line.includes("/e2e/") && !line.includes("node_modules")).slice(0, 4).map((line) => line.trim());

/** @param {AsyncIterable<{type: string, data: any}>} events */
export default async function* reporter(events) {
  const from = Date.now();
  const failed = [];
  let passed = 0;
  for await (const { type, data } of events) {
    const suite = data.details?.type === "suite";
    const error = data.details?.error;
    if (type === "test:stdout" || type === "test:stderr") yield data.message;
    else if (type === "test:pass" && suite) yield `${data.name}: done\n`;
    else if (type === "test:pass") {
      passed++;
      yield `  ok    ${data.name}  ${Math.round(data.details.duration_ms)} ms\n`;
    } else if (type === "test:fail" && (!suite || error?.failureType === "hookFailed")) {
      failed.push(data.name);
      if (error?.failureType === "cancelledByParent") continue;
      const cause = error?.cause ?? error;
      yield `  FAIL  ${data.name}\n${indent(cause?.message ?? cause)}\n${lines(cause?.stack).map((line) => `${indent(line)}\n`).join("")}`;
    }
  }
  if (failed.length <= 20) for (const name of failed) yield `failed: ${name}\n`;
  yield `e2e: ${passed} passed, ${failed.length} failed, ${Math.round((Date.now() - from) / 1000)} s\n`;
}
