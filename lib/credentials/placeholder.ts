/** What templates, compose files and instructions have in place of a value: `$NAME`, `${NAME}`, `{{ name }}`, `<name>`. */
const PLACEHOLDER = /^(?:\$[A-Z_][A-Z0-9_]*|\$\{[^{}]+\}|\{\{[^{}]+\}\}|<[^<>]+>)$/;

/** Whether the whole text is one. A password may be one, too: hardly ever, so its owner has to say it. */
export const isPlaceholder = (text: string): boolean => PLACEHOLDER.test(text.trim());
