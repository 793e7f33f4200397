// Open pull requests from GitHub, and labels to it. Nothing of a pull request is ever run or checked out.
const CALL_MILLISECONDS = 30_000;
const PAGE = 100;

/**
 * @param {{api: string, repository: string, token: string}} where
 */
export function openGitHub({ api, repository, token }) {
  const call = async (method, path, body) => {
    const response = await fetch(`${api}/repos/${repository}/${path}`, {
      method,
      signal: AbortSignal.timeout(CALL_MILLISECONDS),
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    // A label that is gone already is as good as removed.
    if (response.status === 404 && method === 'DELETE') return undefined;
    if (!response.ok)
      throw new Error(`GitHub answered ${response.status} to ${method} ${path}; look at the permissions of the token.`);
    return response.status === 204 ? undefined : response.json();
  };
  const all = async (path) => {
    const items = [];
    for (let page = 1; ; page += 1) {
      const found = await call('GET', `${path}${path.includes('?') ? '&' : '?'}per_page=${PAGE}&page=${page}`);
      items.push(...found);
      if (found.length < PAGE) return items;
    }
  };
  const pullOf = async (pull) => {
    const [files, reviews, commits] = await Promise.all(
      ['files', 'reviews', 'commits'].map((part) => all(`pulls/${pull.number}/${part}`)),
    );
    return {
      number: pull.number,
      draft: pull.draft,
      labels: pull.labels.map(({ name }) => name),
      createdAt: pull.created_at,
      files: files.map(({ filename }) => filename),
      ...waiting(reviews, commits),
    };
  };
  return {
    async pulls() {
      const open = await all('pulls?state=open');
      const pulls = [];
      // One after the other: GitHub slows down who asks for everything at once.
      for (const pull of open) pulls.push(await pullOf(pull));
      return pulls;
    },
    async apply({ number, add, remove }) {
      if (add.length > 0) await call('POST', `issues/${number}/labels`, { labels: add });
      for (const label of remove) await call('DELETE', `issues/${number}/labels/${encodeURIComponent(label)}`);
    },
  };
}

/** Since when the author owes an answer: the last review asked for changes, and no commit came after it. */
export function waiting(reviews, commits) {
  const judged = reviews.filter(({ state }) => state === 'CHANGES_REQUESTED' || state === 'APPROVED');
  const last = judged.sort((a, b) => (a.submitted_at < b.submitted_at ? -1 : 1)).at(-1);
  if (last?.state !== 'CHANGES_REQUESTED') return {};
  const pushed =
    commits
      .map(({ commit }) => commit.committer.date)
      .sort()
      .at(-1) ?? '';
  return pushed > last.submitted_at ? {} : { waitingForAuthorSince: last.submitted_at };
}
