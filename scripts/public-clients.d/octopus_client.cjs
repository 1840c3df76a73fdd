// Octopus's own TypeScript client reads the sandbox's server. It has no repository for deployment targets, accounts, triggers
// and step templates, so these are read with its requests, which resolve spaces and paths as its repositories do.

const {
  Client,
  DeploymentProcessRepository,
  EnvironmentRepository,
  LifecycleRepository,
  ProjectGroupRepository,
  ProjectRepository,
  RunbookProcessRepository,
  RunbookRepository,
  RunbookRunRepository,
  SpaceRepository,
  SpaceServerTaskRepository,
} = require("@octopusdeploy/api-client");
const { version } = require("@octopusdeploy/api-client/package.json");
const Checks = require("./octopus_client_checks.cjs");
const writes = require("./octopus_client_writes.cjs");

const world = JSON.parse(process.env.SANDBOX_WORLD);
const space = { spaceName: world.space.name };
const targets = "~/api/{spaceId}/machines";
const checks = new Checks();
const check = checks.expect;

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

async function pages(client, path = targets) {
  const found = [];
  for (;;) {
    const query = { ...space, skip: found.length, take: 30 };
    const page = await client.request(`${path}{?skip,take}`, query);
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

const named = (it) => ({ id: it.Id, name: it.Name });
const byName = (one, other) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1);
const sorted = (list) => [...list].sort(byName);

async function projects(client) {
  const repositories = { projects: ProjectRepository, project_groups: ProjectGroupRepository, lifecycles: LifecycleRepository };
  for (const [what, Repository] of Object.entries(repositories)) {
    const list = await new Repository(client, world.space.name).list({ take: 100 });
    check(what.replace("_", " "), list.Items.map(named), sorted(world[what]));
  }
  const projects = new ProjectRepository(client, world.space.name);
  const found = await projects.list({ partialName: "od" });
  check("a project by a part of its name", found.Items.map(named), [world.projects[0]]);
  const process = await new DeploymentProcessRepository(client, world.space.name).get(found.Items[0]);
  check("its deployment process", [process.ProjectId, process.Steps], [world.projects[0].id, []]);
  await refused("404 for a project that is not there", () => projects.get("Projects-99"), 404);
}

async function runbooks(client) {
  const [expected, inGit] = world.runbooks;
  const project = await new ProjectRepository(client, world.space.name).get(expected.project);
  const repository = new RunbookRepository(client, world.space.name, project);
  const runbook = (await repository.list({ take: 100 })).Items[0];
  check("the runbook of a project", named(runbook), { id: expected.id, name: expected.name });
  check("what it has published", runbook.PublishedRunbookSnapshotId, expected.published);
  const process = await new RunbookProcessRepository(client, world.space.name, project).get(runbook);
  const properties = process.Steps[0].Actions[0].Properties;
  check("a parameter of its step", properties["VMSS.ScaleSet.Name"], "#{Project.VMSS.ScaleSetName}");
  const runs = await new RunbookRunRepository(client, world.space.name).list({ runbooks: [expected.id], take: 100 });
  check("how often it ran", runs.TotalResults, world.runs.length);
  const tasks = await new SpaceServerTaskRepository(client, world.space.name).getByIds([world.runs[0].task]);
  check("how a run ended", tasks.map((it) => it.State), [world.runs[0].state]);
  await onBranch(client, inGit);
}

async function onBranch(client, expected) {
  const project = await new ProjectRepository(client, world.space.name).get(expected.project);
  const branch = project.PersistenceSettings.DefaultBranch;
  check("a project in Git", [project.IsVersionControlled, branch], [true, "main"]);
  const repository = new RunbookRepository(client, world.space.name, project);
  const runbook = await repository.getWithGitRef(expected.slug, branch);
  check("a runbook on its branch", [runbook.Name, runbook.PublishedRunbookSnapshotId], [expected.name, null]);
  const processes = new RunbookProcessRepository(client, world.space.name, project);
  check("and its process", (await processes.getWithGitRef(runbook, branch)).Steps, []);
  await refused("400 for the plain route to it", () => repository.list({ take: 100 }), 400);
}

async function setUp(client) {
  for (const [path, what] of [["accounts", "accounts"], ["projecttriggers", "triggers"], ["actiontemplates", "templates"]]) {
    const read = (await pages(client, `~/api/{spaceId}/${path}`)).map(named);
    check(`${what} over pages`, read, sorted(world[what]));
  }
  const set = world.variables.find((it) => it.names.length > 0);
  const variables = await client.request("~/api/{spaceId}/variables/{id}", { ...space, id: set.id });
  check("the variables of a project", variables.Variables.map((it) => it.Name), set.names);
  const secrets = variables.Variables.filter((it) => it.IsSensitive);
  check("no secret among them", secrets.map((it) => it.Value), [null]);
  const me = await client.get("~/api/users/me");
  const permissions = await client.request("~/api/users/{id}/permissions{?includeSystem}", { id: me.Id, includeSystem: true });
  check("what the key may do", permissions.SpacePermissions.MachineDelete.map((it) => it.SpaceId), [world.space.id]);
  check("and what not", permissions.SpacePermissions.ProjectEdit, undefined);
}

async function main() {
  const client = await connect(process.env.VMSS_OCTOPUS_APIKEY);
  await places(client);
  await projects(client);
  await runbooks(client);
  await setUp(client);
  await machines(client);
  await writes(await connect(process.env.OCTOPUS_API_KEY), world, check, refused);
  await refused("401 for a wrong key", async () => (await connect("API-WRONG")).get("~/api/users/me"), 401);
  console.log(`@octopusdeploy/api-client ${version}: ${checks.failed ? `${checks.failed} checks failed` : "all well"}\n`);
  process.exitCode = checks.failed ? 1 : 0;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
