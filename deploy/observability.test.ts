import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { metrics } from '../lib/observability/metrics';
import { zeroCounters } from '../lib/server/zero-counters';
import { findProgram } from '../local/services/debian-programs';
import dashboard from './observability/dashboard.json' with { type: 'json' };

type Rule = { record?: string; alert?: string; expr: string };
type Rules = { groups: { rules: Rule[] }[] };
type UnitTests = { tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[] };

const readYaml = (name: string) => parse(readFileSync(`deploy/observability/${name}`, 'utf8'));
const spec = readYaml('alerts.yaml').spec as Rules;
const rules = spec.groups.flatMap((group) => group.rules);
const queries = dashboard.panels.flatMap((panel) => ('targets' in panel ? (panel.targets ?? []) : []));

const folder = mkdtempSync(path.join(tmpdir(), 'observability-'));
afterAll(() => rmSync(folder, { recursive: true }));

const promtool = findProgram('promtool');
const whyNot = promtool === undefined ? 'promtool is not installed (Debian: prometheus)' : undefined;

/** Runs promtool in the temporary folder. Returns what it complains about, which is empty if nothing. */
function complaintsOf(args: string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(promtool ?? '', args, {
    cwd: folder,
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
  });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

function rulesFile(name: string, content: Rules): string {
  writeFileSync(path.join(folder, name), stringify(content));
  return name;
}

describe('promtool', () => {
  beforeEach(({ skip }) => skip(whyNot !== undefined, whyNot));

  it('finds every metric named by Prometheus’ conventions', async () => {
    zeroCounters();
    expect(complaintsOf(['check', 'metrics'], await metrics.registry.metrics())).toBe('');
    expect(complaintsOf(['check', 'metrics'], '# TYPE mints counter\nmints 1\n')).toContain('_total');
  });

  it('reads every rule, and every query of the dashboard', () => {
    expect(complaintsOf(['check', 'rules', rulesFile('rules.yaml', spec)])).toBe('');
    const asRules = queries.map(({ expr }, n) => ({
      record: `query:${n}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$namespace', 'prod'),
    }));
    const file = rulesFile('queries.yaml', { groups: [{ name: 'queries', rules: asRules } as never] });
    expect(complaintsOf(['check', 'rules', file])).toBe('');
  });

  it('sees every alert fire when it must, and stay silent otherwise', () => {
    rulesFile('rules.yaml', spec);
    cpSync('deploy/observability/alerts.test.yaml', path.join(folder, 'alerts.test.yaml'));
    expect(complaintsOf(['test', 'rules', 'alerts.test.yaml'])).toBe('');
  });
});

it('has a unit test for every alert in which it fires, and one in which it does not', () => {
  const tests = (readYaml('alerts.test.yaml') as UnitTests).tests.flatMap((test) => test.alert_rule_test);
  const tested = (fires: boolean) =>
    new Set(tests.filter((test) => (test.exp_alerts !== undefined) === fires).map((test) => test.alertname));
  const alerts = rules.flatMap(({ alert }) => alert ?? []).sort();
  expect(alerts.length).toBeGreaterThan(5);
  expect([...tested(true)].sort()).toEqual(alerts);
  expect([...tested(false)].sort()).toEqual(alerts);
});

/** Added by Prometheus when it scrapes a pod, and by histograms. */
const ADDED_LABELS = ['namespace', 'pod', 'le'];

/** Returns the names in an expression that no metric or recording rule has: of metrics, and of labels. */
function unknownNames(expr: string): string[] {
  const known = new Map(
    metrics.registry
      .getMetricsAsArray()
      .map((metric) => [metric.name, ('labelNames' in metric ? metric.labelNames : []) as string[]]),
  );
  for (const { record } of rules) if (record !== undefined) known.set(record, []);
  const withoutTexts = expr.replace(/"[^"]*"/g, '""');
  const names = withoutTexts.match(/\b(?:pulsestream|namespace:|nodejs|process)[\w:]*_[\w:]+/g) ?? [];
  const used = names.map((name) => (known.has(name) ? name : name.replace(/_(?:bucket|count|sum)$/, '')));
  const labels = [...ADDED_LABELS, ...used.flatMap((name) => known.get(name) ?? [])];
  const matched = [...withoutTexts.matchAll(/(\w+)\s*(?:=~|!=|!~|=)\s*""/g)].map(([, label]) => label ?? '');
  const grouped = [...withoutTexts.matchAll(/\bby \(([^)]*)\)/g)].flatMap(
    ([, list]) => list?.split(/,\s*/) ?? [],
  );
  return [
    ...(used.length === 0 ? [`no metric in ${expr}`] : []),
    ...used.filter((name) => !known.has(name)),
    ...[...matched, ...grouped].filter((label) => !labels.includes(label)),
  ];
}

it('queries only metrics and labels that exist, in alerts and on the dashboard', () => {
  for (const { expr } of [...rules, ...queries]) expect([expr, unknownNames(expr)]).toEqual([expr, []]);
  expect(unknownNames('sum by (outcom) (pulsestream_mint_total{reasn="a"})')).toEqual([
    'pulsestream_mint_total',
    'reasn',
    'outcom',
  ]);
});

it('names in a legend only labels that its query keeps', () => {
  const lost = queries.flatMap(({ expr, legendFormat }) =>
    [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)]
      .map(([, label]) => label ?? '')
      .filter((label) => {
        const [, kept] = /\bby \(([^)]*)\)/.exec(expr) ?? [];
        return kept === undefined ? !ADDED_LABELS.includes(label) : !kept.split(/,\s*/).includes(label);
      }),
  );
  expect(lost).toEqual([]);
});
