// What the tests ask the open API, to find the units that the demo is about.
export async function api(url, path) {
  const answer = await fetch(`${url}/api/v1/${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Xã Phúc Hòa of the demo officer, its province, the nation. */
export async function places(url) {
  const commune = (await api(url, "units?code=07330&level=commune")).items[0];
  const province = await api(url, `units/${commune.parent}`);
  const nation = await api(url, `units/${province.parent}`);
  return { commune, province, nation };
}
