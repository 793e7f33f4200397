// `node tools/release/tag.mjs <folder>`: a tag per published package, at GITHUB_SHA, through GitHub's own command line.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { releaseTag } from './src/base.mjs';
import { readRelease } from './src/release-file.mjs';

const { GITHUB_REPOSITORY, GITHUB_SHA, RELEASE_DIGEST } = process.env;

function gh(args) {
  const { status, stdout, stderr } = spawnSync('gh', ['api', ...args], { encoding: 'utf8', timeout: 60_000 });
  return { done: status === 0, text: status === 0 ? stdout : stderr.trim() };
}

for (const packed of readRelease(resolve(process.argv[2]), RELEASE_DIGEST)) {
  const tag = releaseTag(packed);
  const refs = `repos/${GITHUB_REPOSITORY}/git`;
  if (gh([`${refs}/ref/tags/${encodeURIComponent(tag)}`]).done) {
    console.log(`${tag} was there`);
    continue;
  }
  const { done, text } = gh([`${refs}/refs`, '-f', `ref=refs/tags/${tag}`, '-f', `sha=${GITHUB_SHA}`]);
  console.log(done ? tag : `${tag} was not made: ${text}`);
  if (!done) process.exitCode = 1;
}
