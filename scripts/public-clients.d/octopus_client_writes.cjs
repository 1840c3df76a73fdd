// Octopus's own TypeScript client sets a project up on the sandbox's server, with the administrator's key. What it has no
// repository for is written with its requests.

const {
  EnvironmentRepository,
  ProjectRepository,
  RunbookProcessRepository,
  RunbookRepository,
  RunbookSnapshotRepository,
} = require("@octopusdeploy/api-client");

const step = (name) => ({
  Name: name,
  Actions: [{ Name: name, ActionType: "Octopus.Script", Properties: { "Octopus.Action.RunOnServer": "true" } }],
});

module.exports = async function writes(client, world, check, refused) {
  const space = { spaceName: world.space.name };
  const create = (path, body) => client.doCreate(`~/api/{spaceId}/${path}`, body, space);
  const update = (path, body) => client.doUpdate(`~/api/{spaceId}/${path}`, body, space);
  const read = (path) => client.request(`~/api/{spaceId}/${path}`, space);
  const project = await new ProjectRepository(client, space.spaceName).get(world.runbooks[0].project);

  const policy = await create("machinepolicies", { ...(await read("machinepolicies/template")), Name: "Written" });
  const health = { ...policy.MachineHealthCheckPolicy, HealthCheckInterval: "00:15:00" };
  const changed = await update(`machinepolicies/${policy.Id}`, { ...policy, MachineHealthCheckPolicy: health });
  check("a machine policy, made and changed", changed.MachineHealthCheckPolicy.HealthCheckInterval, "00:15:00");
  const template = await create("actiontemplates", { Name: "Written", ActionType: "Octopus.Script", Parameters: [] });
  const second = await update(`actiontemplates/${template.Id}`, { ...template, Description: "newer" });
  check("a step template and its numbers", [template.Version, second.Version], [0, 1]);

  const environments = new EnvironmentRepository(client, space.spaceName);
  const environment = await environments.modify({ ...(await environments.get(world.environments[0].id)), UseGuidedFailure: false });
  check("an environment, changed", environment.UseGuidedFailure, false);
  const runbooks = new RunbookRepository(client, space.spaceName, project);
  const runbook = await runbooks.create({ ProjectId: project.Id, Name: "Written", EnvironmentScope: "All" });
  check("a runbook, made", [runbook.Slug, runbook.RunbookProcessId], ["written", `RunbookProcess-${runbook.Id}`]);
  check("and changed", (await runbooks.modify({ ...runbook, Description: "mine" })).Description, "mine");
  const processes = new RunbookProcessRepository(client, space.spaceName, project);
  const process = await processes.get(runbook);
  const saved = await processes.update({ ...process, Steps: [step("First")] });
  check("its process", [saved.Version, saved.Steps[0].Slug], [process.Version + 1, "first"]);
  await refused("400 for an old version of it", () => processes.update({ ...process, Steps: [] }), 400);
  const snapshot = await new RunbookSnapshotRepository(client, space.spaceName, project).create(runbook, "Written", true, "why");
  check("its snapshot, published", (await runbooks.get(runbook.Id)).PublishedRunbookSnapshotId, snapshot.Id);

  const set = await read(`variables/${project.VariableSetId}`);
  const secret = { Name: "Written", Type: "Sensitive", IsSensitive: true, Value: "hush", Scope: { ProcessOwner: [runbook.Id] } };
  const variables = await update(`variables/${set.Id}`, { ...set, Variables: [...set.Variables, secret] });
  const [last] = variables.Variables.slice(-1);
  check("a secret variable", [variables.Version, last.Name, last.Value], [set.Version + 1, "Written", null]);
  const trigger = await create("projecttriggers", {
    ProjectId: project.Id,
    Name: "Written",
    IsDisabled: true,
    Filter: { FilterType: "CronExpressionSchedule", CronExpression: "0 0/15 * * * *", Timezone: "UTC" },
    Action: { ActionType: "RunRunbook", RunbookId: runbook.Id, EnvironmentIds: [world.environments[0].id] },
  });
  const enabled = await update(`projecttriggers/${trigger.Id}`, { ...trigger, IsDisabled: false });
  check("a schedule, made and enabled", [trigger.IsDisabled, enabled.IsDisabled], [true, false]);
};
