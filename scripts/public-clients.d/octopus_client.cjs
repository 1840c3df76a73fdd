// Octopus's own TypeScript client reads the sandbox's server. It has no repository for deployment targets, so these are read
// with its requests, which resolve spaces and paths as its repositories do.

const { Client, EnvironmentRepository, SpaceRepository } = require("@octopusdeploy/api-client");
const { version } = require("@octopusdeploy/api-client/package.json");
const { isDeepStrictEqual } = require("node:util");

const world = JSON.parse(process.env.SANDBOX_WORLD);
const space = { spaceName: world.space.name };
const targets = "~/api/{spaceId}/machines";
let failed = 0;

function check(what, read, expected) {
  const same = isDeepStrictEqual(read, expected);
  console.log(`${same ? "ok  " : "FAIL"} ${what}`);
  if (!same) {
    console.log(`     read:     ${JSON.stringify(read)}\n     expected: ${JSON.stringify(expected)}`);
    failed += 1;
  }
}

async function refused(what, call, status) {
  try {
    await call();
    check(what, "an answer", status);
  } catch (error) {
    check(what, error.StatusCode ?? error.statusCode ?? String(error), status);
  }
}

function connect(apiKey) {
  return Client.create({ userAgentApp: "sandbox-check", instanceURL: process.env.VMSS_OCTOPUS_URL, apiKey });
}

async function places(client) {
  const spaces = await new SpaceRepository(client).list({ partialName: world.space.name });
  check("spaces by a part of the name", spaces.Items.map((it) => it.Id), [world.space.id]);
  const environments = await new EnvironmentRepository(client, world.space.name).list({ take: 100 });
  check("environments", environments.Items.map(({ Id, Name }) => ({ id: Id, name: Name })), world.environments);
}

async function pages(client) {
  const found = [];
  for (;;) {
    const query = { ...space, skip: found.length, take: 30 };
    const page = await client.request(`${targets}{?skip,take}`, query);
    found.push(...page.Items);
    if (page.Items.length === 0 || found.length >= page.TotalResults) return found;
  }
}

async function machines(client) {
  const told = (it) => ({ id: it.Id, name: it.Name, roles: it.Roles, disabled: it.IsDisabled });
  const byId = (one, other) => (one.id < other.id ? -1 : 1);
  const read = (await pages(client)).map(told).sort(byId);
  check("deployment targets over several pages", read, [...world.targets].sort(byId));
  const first = world.targets[0];
  const one = await client.request(`${targets}/{id}`, { ...space, id: first.id });
  check("one deployment target", told(one), first);
  const tasks = await client.request(`${targets}/{id}/tasks`, { ...space, id: first.id });
  check("its tasks", [tasks.TotalResults, tasks.Items], [0, []]);
  await client.del(`~/api/${world.space.id}/machines/${first.id}`);
  await refused("404 for one that was deleted", () => client.request(`${targets}/{id}`, { ...space, id: first.id }), 404);
}

async function main() {
  const client = await connect(process.env.VMSS_OCTOPUS_APIKEY);
  await places(client);
  await machines(client);
  await refused("401 for a wrong key", async () => (await connect("API-WRONG")).get("~/api/users/me"), 401);
  console.log(`@octopusdeploy/api-client ${version}: ${failed ? `${failed} checks failed` : "all well"}\n`);
  process.exitCode = failed ? 1 : 0;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
