/** Whether a pattern takes a text as a whole. */
export interface TextMatcher {
  test(text: string): boolean;
}

/**
 * A pattern in which `*` stands for any characters but "/", `**` for any, and `?` for one; everything else is itself. It
 * takes as many steps as pattern and text are long, multiplied: no text makes it slow, as it would a regular expression.
 */
export function compileGlob(pattern: string): TextMatcher {
  const tokens = pattern.match(/\*\*|./gsu) ?? [];
  return {
    test(text) {
      // The tokens before which a match can stand, after each character.
      let places = skipStars(tokens, new Set([0]));
      for (const character of text) {
        const next = new Set<number>();
        for (const place of places) {
          const token = tokens[place];
          if (token === '**' || (token === '*' && character !== '/')) next.add(place);
          else if (token === '?' || (token !== '*' && token === character)) next.add(place + 1);
        }
        if (next.size === 0) return false;
        places = skipStars(tokens, next);
      }
      return places.has(tokens.length);
    },
  };
}

/** A star may stand for nothing. */
function skipStars(tokens: readonly string[], places: Set<number>): Set<number> {
  // A set that grows is gone through to its new end.
  for (const place of places) if (tokens[place]?.startsWith('*') === true) places.add(place + 1);
  return places;
}
