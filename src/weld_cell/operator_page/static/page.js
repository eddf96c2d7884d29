// The operator's page: one web socket, sections of the cell in, deliberate acts out. Text from the cell is set as text.
'use strict';

const STEPS = ['approach', 'identify', 'track', 'finish', 'plan', 'approve', 'weld', 'done'];
const TONES = { idle: 'quiet', done: 'good', fault: 'bad', approve: 'ask', weld: 'busy' };
const HERE_MS = 500, HOLD_MS = 1500, AGAIN_MS = 1000, ANSWER_MS = 15000, OLD_MS = 3000;
const find = (id) => document.getElementById(id);
const known = { cell: {}, approval: {}, acts: {} };
const asked = new Map();
const shown = {};
const scene = new Scene(find('scene'));
let socket = null, signedIn = false, count = 0, heard = 0;

// The connection

function connect() {
  socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => { heard = Date.now(); watch(); };
  socket.onmessage = (event) => { heard = Date.now(); if (typeof event.data === 'string') take(JSON.parse(event.data)); else picture(event.data); };
  socket.onclose = () => {
    for (const answer of asked.values()) answer({ ok: false, say: 'The connection to the page was lost; see the stage for what became of it.' });
    asked.clear();
    known.acts = {}; refresh();
    find('lost').hidden = false;
    setTimeout(connect, AGAIN_MS);
  };
}

function send(words) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(words));
  return socket.readyState === WebSocket.OPEN;
}

function watch() { send({ do: 'watch', on: !document.hidden }); }

async function act(what, words = {}) {
  const ask = ++count;
  const answer = new Promise((resolve) => { asked.set(ask, resolve); setTimeout(() => resolve({ ok: false, say: 'No answer came.' }), ANSWER_MS); });
  if (!send({ do: what, ask, ...words })) return { ok: false, say: 'There is no connection to the page.' };
  const { ok, say } = await answer;
  asked.delete(ask);
  toast(say, !ok);
  return { ok, say };
}

function take(words) {
  if (words.kind === 'hello') {
    signedIn = words.signed_in;
    find('lost').hidden = true;
    find('sign_in').hidden = signedIn;
    watch();
  } else if (words.kind === 'answer') {
    const answer = asked.get(words.ask);
    if (answer) answer(words); else toast(words.say, !words.ok);
  } else if (words.kind === 'news') {
    delete words.kind;
    Object.assign(known, words);
    refresh(words);
  }
}

// The head

function refresh(news = known) {
  const { cell, acts, approval } = known, stage = cell.stage;
  const armed = ['armed', 'welding'].includes(approval.state) && approval.armed_by;
  find('stage').textContent = stage || 'waiting';
  const missing = cell.missing ? `Not ready. Missing: ${cell.missing}.` : '', rests = ['idle', 'done', 'fault'].includes(stage);
  const said = cell.note || (missing && stage === 'idle' ? '' : meaning(stage));
  find('note').textContent = stage ? [said, rests ? missing : ''].filter(Boolean).join(' ') : 'Waiting for the cell: cell_supervisor is not to be heard.';
  if (armed) find('note').textContent = `ARC ARMED by ${approval.armed_by}. ${cell.note}`;
  find('top').dataset.tone = armed ? 'hot' : stage ? TONES[stage] || 'busy' : 'quiet';
  document.title = `${stage || 'waiting'} - weld_cell`;
  steps(stage);
  allow('start', acts.start);
  approve(approval, acts);
  if (news.nodes) nodes(known.nodes.nodes);
  find('area_card').hidden = !shown.area && !(known.nodes ? known.nodes.nodes : []).some((row) => row.name.endsWith('mako_camera'));
  if (news.robot) scene.set({ robot: known.robot.places_m, tool: known.robot.tool });
  for (const part of ['path', 'tool_path', 'points']) if (news[part]) scene.set({ [part]: known[part].points_m });
  find('scene_wait').hidden = Boolean(known.robot);
  if (news.cell && ['done', 'fault'].includes(stage) && !find('records').hidden) records();
  figures();
}

function meaning(stage) {
  return { idle: 'Ready. Start begins a cycle.', look: 'The area camera looks at the table.', approach: 'The robot searches the start of the joint.', identify: 'The joint type is voted on.', track: 'The sensor follows the seam.', finish: 'The seam path is fitted.', plan: 'The weld is planned.', approve: 'The planned path waits for approval.', weld: 'The robot moves along the weld.', done: 'The weld is done.' }[stage] || '';
}

function steps(stage) {
  const list = find('steps'), now = STEPS.indexOf(stage);
  if (!list.children.length) list.append(...STEPS.map((step) => element('li', step)));
  [...list.children].forEach((item, k) => { item.className = k < now ? 'past' : k === now ? 'now' : ''; });
}

function allow(id, reason) {
  const button = find(id), why = find(`${id}_why`);
  button.disabled = reason !== '';
  button.title = reason || '';
  if (why) why.textContent = reason || '';
}

// Approval and arming

function approve(approval, acts) {
  const waits = ['awaited', 'approved', 'armed', 'welding'].includes(approval.state);
  find('approval').hidden = !waits || !signedIn;
  if (!waits) return release();
  const weld = known.weld || {}, dry = approval.mode === 'dry run', inWeld = approval.state === 'welding';
  const same = weld.plan === approval.plan && (known.tool_path || {}).plan === approval.plan;
  find('plan_title').textContent = inWeld ? 'This weld' : dry ? 'Approve the path? Dry run' : 'Approve the path, then arm the arc';
  find('plan_facts').textContent = same || inWeld ? facts(weld) : 'Waiting for the plan to be shown.';
  const left = approval.left_s === null || approval.left_s === undefined ? '' : ` ${approval.left_s} s left.`;
  const said = { awaited: approval.note, approved: `Approved by ${approval.approved_by}.${dry ? '' : ` Arm within:${left}`}`, armed: `Armed by ${approval.armed_by}.${left}`, welding: `Approved by ${approval.approved_by}${approval.armed_by ? `, armed by ${approval.armed_by}` : ''}.` };
  find('said').textContent = said[approval.state] || '';
  const noName = find('operator').value.trim() ? '' : 'Say your name.';
  allow('approve', acts.approve || (same ? noName : 'The plan is not shown yet.'));
  allow('arm', acts.arm || noName);
  find('arm').parentElement.hidden = dry;
  find('approve').parentElement.hidden = find('who').hidden = inWeld;
  if (inWeld) find('arm').parentElement.hidden = true;
  find('disarm').hidden = !approval.armed_by;
  if (find('arm').disabled) release();
}

function facts(weld) {
  return `${weld.procedure}, ${fixed(weld.length_mm, 0)} mm at ${fixed(weld.speed_mm_s, 1)} mm/s, ${fixed(weld.duration_s, 1)} s of motion.`;
}

let holding = 0;
function hold(event) {
  if (find('arm').disabled || (event.key && event.key !== ' ' && event.key !== 'Enter') || event.repeat || holding) return;
  if (event.button) return;
  find('arm').classList.add('held');
  holding = setTimeout(() => { release(); act('arm', consent()); }, HOLD_MS);
}
function release() { clearTimeout(holding); holding = 0; find('arm').classList.remove('held'); }
function consent() { return { plan: known.approval.plan, operator: find('operator').value }; }

function sure(title, text, yes) {
  find('sure_title').textContent = title; find('sure_text').textContent = text; find('sure_yes').textContent = yes;
  const dialog = find('sure');
  return new Promise((resolve) => {
    find('sure_yes').onclick = () => dialog.close('yes');
    find('sure_no').onclick = () => dialog.close('');
    dialog.onclose = () => resolve(dialog.returnValue === 'yes');
    dialog.returnValue = '';
    dialog.show(); // not modal: the stop stays in reach
  });
}

// Pictures

async function picture(data) {
  const place = String.fromCharCode(new Uint8Array(data, 0, 1)[0]) === 'L' ? 'laser' : 'area';
  shown[place] = Date.now();
  let image;
  try { image = await createImageBitmap(new Blob([new Uint8Array(data, 1)], { type: 'image/jpeg' })); } catch { return; }
  const canvas = find(place);
  canvas.width = image.width; canvas.height = image.height;
  canvas.getContext('2d').drawImage(image, 0, 0);
  image.close();
  find(`${place}_wait`).hidden = true;
}

setInterval(() => {
  const old = shown.laser && Date.now() - shown.laser > OLD_MS;
  find('laser_note').textContent = old ? `no picture for ${Math.round((Date.now() - shown.laser) / 1000)} s` : '';
  find('laser').style.opacity = old ? 0.4 : 1;
  if (Date.now() - heard > 4 * OLD_MS && socket.readyState === WebSocket.OPEN && !document.hidden) send({ do: 'here' });
}, 500);

// Figures, nodes

function figures() {
  const seam = known.seam || {}, weld = known.weld || {}, part = known.part || {}, robot = known.robot || {};
  const rows = [
    ['Joint type', (known.joint_type || {}).name || '-'],
    ['Seam points', seam.points ?? '-'],
    ['Gap', number(seam.gap_mm, 2, 'mm')],
    ['Mismatch', number(seam.mismatch_mm, 2, 'mm')],
    ['Part', part.code || '-'],
    ['Image to seam point', number(seam.ms, 1, 'ms')],
    ['Weld', weld.procedure ? `${fixed(weld.length_mm, 0)} mm` : '-', weld.procedure],
    ['Weld motion', number(weld.duration_s, 1, 's')],
    ['Robot joints', robot.positions_deg ? robot.positions_deg.map((x) => Math.round(x)).join(' ') : '-', 'deg'],
  ];
  find('figures').replaceChildren(...rows.map(([name, value, unit]) => {
    const cell = element('div'), told = element('dd', String(value).split('\u00a0')[0]);
    const tail = unit && value !== '-' ? unit : String(value).split('\u00a0')[1];
    if (tail) told.append(' ', element('small', tail));
    cell.append(element('dt', name), told);
    return cell;
  }));
}
function fixed(value, digits) { return Number.isFinite(value) ? value.toFixed(digits) : '-'; }
function number(value, digits, unit) { return Number.isFinite(value) ? `${value.toFixed(digits)}\u00a0${unit}` : '-'; }

function nodes(rows) {
  const bad = rows.filter((row) => row.level >= 2).length;
  find('trouble').textContent = bad; find('trouble').hidden = !bad;
  find('node_rows').replaceChildren(...rows.map((row) => {
    const item = element('li');
    item.dataset.level = row.level;
    item.append(element('i'), element('b', row.name), element('span', row.message));
    item.title = Object.entries(row.values).map((pair) => pair.join(': ')).join('\n');
    return item;
  }));
}

// Records

async function ask(path) {
  const answer = await fetch(path);
  const words = await answer.json();
  if (!answer.ok) throw new Error(words.say);
  return words;
}

let oldest = 0;
async function records(below = 0) {
  try {
    const told = await ask(`/records?below=${below}`), lines = told.records.map(line);
    find('records_note').textContent = told.warnings.join(' ');
    if (below) find('rows').append(...lines); else find('rows').replaceChildren(...lines);
    oldest = told.records.length ? told.records.at(-1).number : 0;
    find('older').hidden = !told.older;
  } catch (error) {
    find('records_note').textContent = error.message;
    if (!below) { find('rows').replaceChildren(); find('older').hidden = true; }
  }
}

function line(row) {
  const item = element('tr');
  item.tabIndex = 0;
  item.append(element('td', row.number), element('td', row.began.slice(0, 19).replace('T', ' ')), element('td', row.joint_types || '-'));
  const length = element('td', row.length_mm ? row.length_mm.toFixed(1) : '-');
  length.className = 'number';
  item.append(length, element('td', row.armed ? 'armed' : '-'), element('td', row.outcome));
  item.onclick = () => record(row.number);
  item.onkeydown = (event) => { if (event.key === 'Enter') record(row.number); };
  return item;
}

async function record(number) {
  let told;
  try { told = await ask(`/records/${number}`); } catch (error) { return toast(error.message, true); }
  const head = element('div'), pdf = element('a', 'Report (PDF)'), close = element('button', 'Close');
  head.className = 'row';
  pdf.className = 'button'; pdf.href = `/records/${number}/report.pdf`;
  close.onclick = () => { find('record').hidden = true; };
  const whole = told.whole && told.pictures.every((picture) => !picture.wrong);
  head.append(element('h2', `Weld ${number}${whole ? '' : ' - ALTERED'}`), pdf, close);
  const pictures = element('div');
  pictures.className = 'pictures';
  pictures.append(...told.pictures.map(({ what, wrong }, k) => {
    const figure = element('figure'), image = element('img');
    image.src = `/records/${number}/picture/${k}`; image.alt = what; image.loading = 'lazy';
    const caption = element('figcaption', wrong ? `${what}: the picture ${wrong}.` : what);
    if (wrong) caption.className = 'bad';
    figure.append(...(wrong ? [caption] : [image, caption]));
    return figure;
  }));
  const groups = told.groups.filter((group) => group.facts.length && group.title !== 'Pictures').flatMap((group) => {
    const table = element('table');
    table.append(...group.facts.map(([name, value]) => { const row = element('tr'); row.append(element('td', name), element('td', value)); return row; }));
    return [element('h3', group.title), table];
  });
  find('record').replaceChildren(head, pictures, ...groups);
  find('record').hidden = false;
  find('record').scrollIntoView({ behavior: 'smooth', block: 'start' });
}

// Small things

function element(name, text) { const made = document.createElement(name); if (text !== undefined) made.textContent = text; return made; }

let fading = 0;
function toast(text, bad) {
  if (!text) return;
  const box = find('toast');
  box.textContent = text; box.className = bad ? 'bad' : ''; box.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { box.hidden = true; }, bad ? 12000 : 4000);
}

find('start').onclick = async () => { if (await sure('Start a cycle?', 'The robot will move. Is everybody out of its reach?', 'Start')) act('start'); };
find('stop').onclick = async () => {
  if (socket.readyState === WebSocket.OPEN) return act('stop');
  try { toast((await (await fetch('/stop', { method: 'POST' })).json()).say); } catch { toast('The stop did not reach the cell. Use its emergency stop.', true); }
};
find('approve').onclick = async () => {
  const words = consent();
  if (await sure('Approve this path?', `${facts(known.weld)}\nAs ${words.operator.trim()}.`, 'Approve')) act('approve', words);
};
for (const begin of ['pointerdown', 'keydown']) find('arm').addEventListener(begin, hold);
for (const end of ['pointerup', 'pointerleave', 'pointercancel', 'keyup', 'blur']) find('arm').addEventListener(end, release);
find('arm').addEventListener('contextmenu', (event) => event.preventDefault());
find('older').onclick = () => records(oldest);
find('disarm').onclick = () => act('disarm');
find('operator').value = localStorage.getItem('operator') || '';
find('operator').oninput = () => { localStorage.setItem('operator', find('operator').value); refresh({}); };
find('view').onclick = () => {
  const points = (known.tool_path || known.path || {}).points_m || [];
  const close = find('view').textContent === 'To the seam' && points.length > 1;
  if (close) scene.look((known.path && known.path.points_m.length > 1 ? known.path.points_m : points)); else scene.home();
  find('view').textContent = close ? 'To the robot' : 'To the seam';
};
for (const tab of document.querySelectorAll('[role=tab]')) tab.onclick = () => {
  for (const other of document.querySelectorAll('[role=tab]')) {
    other.setAttribute('aria-selected', String(other === tab));
    find(other.dataset.tab).hidden = other !== tab;
  }
  if (tab.dataset.tab === 'records') records();
};
find('sign_in').onsubmit = async (event) => {
  event.preventDefault();
  const answer = await fetch('/login', { method: 'POST', body: JSON.stringify({ password: find('password').value }) });
  if (!answer.ok) return toast((await answer.json()).say, true);
  find('password').value = '';
  socket.close();
};
document.addEventListener('visibilitychange', watch);
setInterval(() => send({ do: 'here' }), HERE_MS);
connect();
