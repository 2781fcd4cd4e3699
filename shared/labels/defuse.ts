/** A cell that begins so may be run by a spreadsheet as a formula. Source: OWASP, CSV Injection */
const dangerous = /^(?:\s*[=+\-@]|[\t\r])/;

/** Text cells of a spreadsheet: an apostrophe before what would be a formula makes it text, and is taken away when it comes back. */
export const defused = {
  do: (text: string): string => (dangerous.test(text) || text.startsWith("'") ? `'${text}` : text),
  undo: (cell: string): string => {
    const rest = cell.slice(1);
    return cell.startsWith("'") && (dangerous.test(rest) || rest.startsWith("'")) ? rest : cell;
  },
};
