// Images over HTTP: fetched with the cookie and shown as blob addresses, and sent up with their progress; and where an
// article's documents are.

const CACHED_IMAGES = 60;

/** @type {Map<string, Promise<string>>} path → blob address, the least recently used first */
const images = new Map();

/** @param {string} organisation slug @param {string} id of an image in a message */
export function attachmentPath(organisation, id) {
  return `/api/desk/organisations/${encodeURIComponent(organisation)}/attachments/${id}`;
}

/** @param {string} organisation slug @param {string} id of a document of an article */
export function documentPath(organisation, id) {
  return `/api/desk/organisations/${encodeURIComponent(organisation)}/article-files/${id}`;
}

/**
 * @param {string} path
 * @returns {Promise<string>} a blob address; rejects when it is not to be had
 */
export function imageAddress(path) {
  const known = images.get(path) ?? load(path);
  images.delete(path);
  images.set(path, known);
  if (images.size > CACHED_IMAGES) release(images.keys().next().value);
  return known;
}

async function load(path) {
  try {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return URL.createObjectURL(await response.blob());
  } catch (error) {
    images.delete(path);
    throw error;
  }
}

function release(path) {
  const address = images.get(path);
  images.delete(path);
  address?.then(URL.revokeObjectURL, () => {});
}

/**
 * @param {{organisation: string, conversation: string}} place
 * @param {File} file
 * @param {string} csrfToken
 * @param {(share: number) => void} onProgress 0 to 1
 * @returns {{done: Promise<object>, cancel: () => void}} the attachment; rejects with the server's words
 */
export function upload({ organisation, conversation }, file, csrfToken, onProgress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open(
      "POST",
      `/api/desk/organisations/${encodeURIComponent(organisation)}/conversations/${conversation}/attachments`,
    );
    request.setRequestHeader("X-CSRFToken", csrfToken);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () =>
      request.status === 201 ? resolve(request.response) : reject(new Error(request.response?.message ?? ""));
    request.onerror = () => reject(new Error(""));
    const body = new FormData();
    body.append("file", file);
    request.send(body);
  });
  return { done, cancel: () => request.abort() };
}
