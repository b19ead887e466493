// Sends JSON to our own house, with the token it asks for, and brings its answer back.

const token = document.querySelector('meta[name="csrf-token"]').content;

// The answer's JSON; an Error whose message is for people where the house refuses; a TypeError
// (as fetch has it) where there is no connection.
export async function ask(address, told, options = {}) {
  const response = await fetch(address, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": token,
    },
    body: JSON.stringify(told),
    ...options,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

// {status, data} of whatever the house answers; status 0 where there is no connection.
export async function converse(method, address, told) {
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-CSRFToken": token,
  };
  try {
    const response = await fetch(address, { method, headers, body: JSON.stringify(told) });
    return { status: response.status, data: await response.json().catch(() => ({})) };
  } catch {
    return { status: 0, data: {} };
  }
}

// A form, as it would have sent itself, but answered with JSON.
export async function askForm(form) {
  const response = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token },
    body: new FormData(form),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}
