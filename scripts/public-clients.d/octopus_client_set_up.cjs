// Octopus's own TypeScript client reads everything that `octopus-scale-in setup --apply` says it made or changed. What it has no
// repository for is read with its requests.

const {
  Client,
  ProjectRepository,
  RunbookProcessRepository,
  RunbookRepository,
} = require("@octopusdeploy/api-client");
const { readFileSync } = require("node:fs");
const Checks = require("./octopus_client_checks.cjs");

const { done } = JSON.parse(readFileSync(process.env.SETUP_DOCUMENT, "utf8")).setup;
const spaceName = process.env.SETUP_SPACE;
const MARK = "Made by octopus-scale-in setup";
const checks = new Checks();
const check = checks.expect;

const places = (part) => done.filter((it) => it.part === part).flatMap((it) => it.place.split(", "));

async function main() {
  const client = await Client.create({
    userAgentApp: "sandbox-check",
    instanceURL: process.env.VMSS_OCTOPUS_URL,
    apiKey: process.env.OCTOPUS_API_KEY,
  });
  const read = (place) => client.request(`~/api/{spaceId}/${place}`, { spaceName });
  const [policy, template, runbook, set, schedule] = await Promise.all(
    ["machine-policy", "step-template", "runbook", "variables", "schedule"].map((part) => read(places(part)[0])),
  );

  check("its machine policy", [policy.MachineHealthCheckPolicy.HealthCheckType, policy.Description.includes(MARK)], ["OnlyConnectivity", true]);
  const targets = await Promise.all(places("assignment").map(read));
  check("the targets that have it", targets.map((it) => it.MachinePolicyId), targets.map(() => policy.Id));
  check("its step template", [template.ActionType, template.Parameters.length > 20], ["Octopus.Script", true]);
  const own = set.Variables.filter((it) => (it.Description ?? "").includes(MARK));
  check("its variables", own.map((it) => it.Name).sort(), [
    "Project.Azure.Account",
    "Project.Octopus.Api.Key",
    "Project.Octopus.Roles",
    "Project.Octopus.Server.Url",
    "Project.VMSS.ResourceGroup.Name",
    "Project.VMSS.ScaleSetName",
  ]);
  check("the key among them, unseen", own.filter((it) => it.IsSensitive).map((it) => it.Value), [null]);

  const project = await new ProjectRepository(client, spaceName).get(runbook.ProjectId);
  const found = await new RunbookRepository(client, spaceName, project).get(runbook.Id);
  check("its runbook", [found.DefaultGuidedFailureMode, found.Description.includes(MARK)], ["Off", true]);
  const steps = await new RunbookProcessRepository(client, spaceName, project).get(found);
  const properties = steps.Steps[0].Actions[0].Properties;
  check("its step", [properties["Octopus.Action.Template.Id"], properties["VMSS.DryRun"]], [template.Id, "Yes"]);
  const snapshot = await read(places("publish")[0]);
  check("its snapshot, which is published", found.PublishedRunbookSnapshotId, snapshot.Id);
  check("its schedule", [schedule.Action.RunbookId, schedule.IsDisabled], [found.Id, true]);
  check("nothing else is told", new Set(done.map((it) => it.part)).size, 8);
  process.exitCode = checks.failed ? 1 : 0;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
