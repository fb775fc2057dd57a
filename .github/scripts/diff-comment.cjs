'use strict';
// Renders the outcome of `cdk diff` per environment as one comment on the pull request, writes or updates it, and
// decides whether the check fails.

const fs = require('node:fs');
const path = require('node:path');

const LABEL = 'allow-destructive-changes';
// GitHub shows nothing of it; the next run finds its own comment by it.
const MARKER = '<!-- pilotlight: cdk diff -->';
// GitHub refuses a longer comment.
const LIMIT = 65536;

/** What the job of an environment left: its verdict (safe, destructive, error) and the text of the diff. */
function read(folder, environment) {
  const file = (extension) => path.join(folder, `${environment}.${extension}`);
  if (!fs.existsSync(file('verdict'))) {
    return { environment, verdict: 'error', text: 'The job ended before it could compare: see its log.' };
  }
  const verdict = fs.readFileSync(file('verdict'), 'utf8').trim();
  return { environment, verdict, text: fs.readFileSync(file('txt'), 'utf8').trim() };
}

/** Whether the check fails, and why. The label excuses destruction, never an error. */
function judge(results, labels) {
  const failed = results.filter((result) => !['safe', 'destructive'].includes(result.verdict));
  if (failed.length > 0) {
    return `cdk diff failed for ${failed.map((result) => result.environment).join(', ')}.`;
  }
  const destructive = results.filter((result) => result.verdict === 'destructive');
  if (destructive.length > 0 && !labels.includes(LABEL)) {
    const names = destructive.map((result) => result.environment).join(', ');
    return `Destructive changes in ${names}. If they are meant, add the label ${LABEL}.`;
  }
  return null;
}

/** @param url of the run, which holds the whole diff when the comment cannot */
function render(results, labels, url) {
  const failure = judge(results, labels);
  const excused = !failure && results.some((result) => result.verdict === 'destructive');
  let head = `${MARKER}\n### What this would change in AWS\n\n`;
  if (failure) {
    head += `> [!CAUTION]\n> ${failure}\n\n`;
  } else if (excused) {
    head += `> [!WARNING]\n> **The label \`${LABEL}\` is set:** the destructive changes below do not fail this check.\n\n`;
  }
  const foot = `\n<sub>Template against template, which over-reports replacements. [Run](${url}).</sub>\n`;
  // Room for each environment's own few lines, then equal shares.
  const share = Math.floor((LIMIT - head.length - foot.length) / results.length) - 500;
  return head + results.map((result) => section(result, share)).join('\n') + foot;
}

function section({ environment, verdict, text }, share) {
  const titles = { safe: 'nothing destructive', destructive: '**destructive changes**', error: '**failed**' };
  const title = `${environment}: ${titles[verdict] ?? titles.error}`;
  // A fence longer than any in the text, which comes from the pull request's templates and must not end the block.
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(Math.min(longest + 1, 100));
  const safeText = longest >= 100 ? text.replaceAll('`', "'") : text;
  const shown = safeText.length <= share ? safeText : cut(safeText, share);
  const open = verdict === 'safe' ? '' : ' open';
  return `<details${open}><summary>${title}</summary>\n\n${fence}diff\n${marked(shown)}\n${fence}\n\n</details>\n`;
}

/** The end holds the list of destructive changes, the beginning the first stack. */
function cut(text, share) {
  const note = '\n… cut here: GitHub takes no longer comment; the run holds all of it …\n';
  const end = Math.min(Math.floor(share / 3), 4000);
  return text.slice(0, share - end - note.length) + note + text.slice(-end);
}

/** GitHub colours a line by its first character: move CDK's [+], [-] and [~] there, length unchanged. */
function marked(text) {
  return text
    .split('\n')
    .map((line) => line.replace(/^([ │├└─]*)\[([-+~])\]/, (_, indent, sign) => `${sign === '~' ? '!' : sign}${indent}  `))
    .join('\n');
}

async function publish({ github, context, core, folder, environments }) {
  const where = { owner: context.repo.owner, repo: context.repo.repo, issue_number: context.payload.pull_request.number };
  const labels = (await github.paginate(github.rest.issues.listLabelsOnIssue, where)).map((label) => label.name);
  const results = environments.map(({ env }) => read(folder, env));
  const url = `${context.serverUrl}/${where.owner}/${where.repo}/actions/runs/${context.runId}`;
  const body = render(results, labels, url);

  const comments = await github.paginate(github.rest.issues.listComments, where);
  const own = comments.find((comment) => comment.user?.type === 'Bot' && comment.body?.startsWith(MARKER));
  if (own) {
    await github.rest.issues.updateComment({ owner: where.owner, repo: where.repo, comment_id: own.id, body });
  } else {
    await github.rest.issues.createComment({ ...where, body });
  }
  const failure = judge(results, labels);
  if (failure) {
    core.setFailed(failure);
  }
}

module.exports = { LABEL, LIMIT, MARKER, judge, publish, read, render };
