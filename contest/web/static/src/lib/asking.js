// Asks our own house, with the token it wants, and brings its answer back.

export const token = document.querySelector('meta[name="csrf-token"]').content;

const PLAIN = { Accept: "application/json", "X-CSRFToken": token };
const JSON_SENT = { ...PLAIN, "Content-Type": "application/json" };

async function understood(response) {
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

// The answer's JSON; an Error whose message is for people where the house refuses; a TypeError
// (as fetch has it) where there is no connection.
export async function ask(address, told, options = {}) {
  const sent = { method: "POST", headers: JSON_SENT, body: JSON.stringify(told), ...options };
  return understood(await fetch(address, sent));
}

// {status, data} of whatever the house answers; status 0 where there is no connection.
export async function converse(method, address, told, options = {}) {
  const headers = told ? JSON_SENT : PLAIN;
  const body = told && JSON.stringify(told);
  return answered(address, { method, headers, body, ...options });
}

// The same of a form, sent as it would have sent itself.
export async function askForm(form) {
  return answered(form.action, { method: "POST", headers: PLAIN, body: new FormData(form) });
}

async function answered(address, sent) {
  try {
    const response = await fetch(address, sent);
    return { status: response.status, data: await response.json().catch(() => ({})) };
  } catch {
    return { status: 0, data: {} };
  }
}
