'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { LABEL, LIMIT, MARKER, judge, publish, render } = require('./diff-comment.cjs');

const URL = 'https://github.com/acme/app/actions/runs/1';
const safe = { environment: 'dev', verdict: 'safe', text: 'Stack PrimaryStack\n[+] AWS::S3::Bucket data' };
const destructive = { environment: 'prod', verdict: 'destructive', text: '[-] AWS::RDS::DBInstance db orphan' };
const error = { environment: 'dev', verdict: 'error', text: 'AccessDenied' };

test('nothing destructive passes', () => {
  assert.equal(judge([safe], []), null);
});

test('a destructive change fails and names the label', () => {
  assert.match(judge([safe, destructive], ['other']), /prod.*allow-destructive-changes/);
});

test('the label excuses destruction and the comment says so', () => {
  assert.equal(judge([destructive], [LABEL]), null);
  assert.match(render([destructive], [LABEL], URL), /\[!WARNING\]\n> \*\*The label `allow-destructive-changes` is set/);
});

test('an unneeded label is not mentioned', () => {
  assert.doesNotMatch(render([safe], [LABEL], URL), new RegExp(LABEL));
});

test('the label does not excuse an error, nor an unknown verdict', () => {
  assert.match(judge([error], [LABEL]), /failed for dev/);
  assert.match(judge([{ ...safe, verdict: '' }], [LABEL]), /failed for dev/);
});

test('a comment stays within the limit and keeps the list at the end', () => {
  const long = (name) => ({ environment: name, verdict: 'destructive', text: '[+] x\n'.repeat(50000) + '❌ Found 1 destructive' });
  for (const count of [1, 2, 3]) {
    const body = render(Array.from({ length: count }, (_, index) => long(`env${index}`)), [LABEL], URL);
    assert.ok(body.length <= LIMIT, `${body.length}`);
    assert.match(body, /cut here/);
    assert.match(body, /Found 1 destructive/);
  }
});

test('the text cannot end its code block', () => {
  const body = render([{ ...safe, text: 'a\n```\n</details>@everyone\n`````' }], [], URL);
  assert.match(body, /\n``````diff\n/);
  assert.match(body, /\n``````\n/);
});

test('changed lines are coloured and keep their columns', () => {
  const body = render([{ ...safe, text: '[~] a\n ├─ [-] b\n └─ [+] c\nplain' }], [], URL);
  assert.match(body, /^!   a$/m);
  assert.match(body, /^- ├─\s+b$/m);
  assert.match(body, /^\+ └─\s+c$/m);
});

/** Just as much of GitHub as the script uses. */
function fakeGitHub(labels, comments) {
  const calls = [];
  const rest = {
    issues: {
      listLabelsOnIssue: 'labels',
      listComments: 'comments',
      updateComment: async (args) => calls.push(['update', args]),
      createComment: async (args) => calls.push(['create', args]),
    },
  };
  const paginate = async (what) => (what === 'labels' ? labels.map((name) => ({ name })) : comments);
  return { github: { rest, paginate }, calls };
}

async function run({ labels = [], comments = [], files }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'diff-comment-'));
  try {
    Object.entries(files).forEach(([name, text]) => fs.writeFileSync(path.join(folder, name), text));
    const { github, calls } = fakeGitHub(labels, comments);
    const failures = [];
    const context = {
      repo: { owner: 'acme', repo: 'app' },
      payload: { pull_request: { number: 7 } },
      serverUrl: 'https://github.com',
      runId: 1,
    };
    const core = { setFailed: (message) => failures.push(message) };
    await publish({ github, context, core, folder, environments: [{ env: 'dev' }] });
    return { calls, failures };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

test('the first run creates the comment', async () => {
  const { calls, failures } = await run({ files: { 'dev.txt': 'no differences', 'dev.verdict': 'safe\n' } });
  assert.equal(calls[0][0], 'create');
  assert.equal(calls[0][1].issue_number, 7);
  assert.deepEqual(failures, []);
});

test('later runs update the bot\'s own comment and nobody else\'s', async () => {
  const comments = [
    { id: 1, user: { type: 'User' }, body: `${MARKER} quoted by a person` },
    { id: 2, user: { type: 'Bot' }, body: `${MARKER}\nold` },
  ];
  const { calls } = await run({ comments, files: { 'dev.txt': 'x', 'dev.verdict': 'safe' } });
  assert.deepEqual(calls.map(([name, args]) => [name, args.comment_id]), [['update', 2]]);
});

test('a job that left nothing fails the check', async () => {
  const { calls, failures } = await run({ labels: [LABEL], files: {} });
  assert.match(calls[0][1].body, /see its log/);
  assert.match(failures[0], /failed for dev/);
});
