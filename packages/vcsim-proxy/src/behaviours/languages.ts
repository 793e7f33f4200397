import type { Handler } from '../chain/handler.js';
import type { Settings } from '../settings.js';
import { contentOf, withContent } from '../soap/answer.js';
import type { Element } from '../xml/element.js';

/** Messages that no test can mistake for English; the types of faults stay as they are. */
const messages: Readonly<Record<string, string>> = {
  de: 'Der Vorgang ist fehlgeschlagen.',
  fr: 'L’opération a échoué.',
  ja: '操作に失敗しました。',
};

/** Puts messages into another language, as a server does for a session with another locale. */
export function languages(settings: Settings): Handler {
  return async (call, next) => {
    const answer = await next(call);
    if (settings.language === undefined) return answer;
    const message = messages[settings.language] ?? messages.ja ?? '';
    const content = contentOf(answer);
    return content ? withContent(answer, translated(content, message)) : answer;
  };
}

function translated(element: Element, message: string): Element {
  if (element.name === 'faultstring' || element.name === 'localizedMessage') return { ...element, text: message };
  return { ...element, children: element.children.map((each) => translated(each, message)) };
}
