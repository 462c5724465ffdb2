export const verdict = {
  preview: {
    title: '规则预判', checking: '正在判定…', offline: '连不上服务器，暂时不能预判；提交登记时再由规则判定。', failed: '这次没有判定成功：{why}', assumed: '还没有选择检查依据，先按“年度计划”判定。', open: '查看',
    unfinished: '还没填完', ok: '可以登记', warn: '须说明理由', claimed: '可以登记，须经批准', block: '不予通过',
    okHint: '各条规则都不反对。', warnHint: '{n} 条规则要求写明理由，请填写下方的说明。', claimedHint: '{n} 条规则不允许，已申请例外：登记后由他人批准，批准前不得检查。', blockHint: '{n} 条规则不允许，请看下面各条。',
    policy: '规则包 {name}',
  },
  line: { why: '依据：{source}', preset: '预设', block: '不允许', warn: '须说明理由', noted: '须遵守的 {n} 条', passed: '{n} 条符合', fixed: '这一条没有例外，不能解除；请改正后再登记。' },
  claim: {
    legend: '申请例外', none: '不申请例外', option: '{title}（由{who}批准）', evidence: '证据', evidenceHint: '须写明：{what}', decides: '登记后由{who}决定；登记人本人不能批准。', head: '单位负责人', supervisor: '执法监督人员',
    needEvidence: '请写明申请例外的证据（至少 4 个字）。',
  },
  reason: { required: '说明（必填）', why: '因为：', missing: '请填写说明，写明理由。' },
  year: { title: '{year} 年至今', visits: '已入企 {visits} 次，另有 {planned} 次已登记', heads: '入企人次', headsValue: '{n} 人次', hours: '检查精力', hoursOf: '{n} / {m} 人时', hoursValue: '{n} 人时', times: '{n} / {m} 次', full: '已达上限', caps: '频次上限' },
  days: { title: '可选的日期', hint: '点一下，检查时间就移到那一天。', none: '60 天内没有各条规则都不反对的日期。', moved: '检查时间已改为 {window}', button: '改到 {day}' },
  join: { title: '别的单位也要去', hint: '能合并的，合为一次入企。', same: '同一天', apart: '相隔 {n} 天' },
  reuse: { title: '可以直接使用的结果', line: '{agency} 已于 {on} 检查：{matters}' },
  offSite: { legend: '检查方式', title: '非现场检查', can: '所选事项可以非现场检查，能不入企就不入企。', onSite: '现场入企', materials: '非现场（提交材料）', video: '非现场（视频）', askedFor: '请企业准备什么', askedForHint: '写明材料名称和提交期限，或视频的时间和内容。' },
  card: {
    title: '规则判定', none: '没有阻止或提示。', claim: '申请例外：{title}', evidence: '证据：{text}', waits: '等待{who}决定', lifted: '{by} 同意例外', refused: '{by} 不同意例外', because: '{at}：{why}', sealing: '提交记录时判定',
    lift: '同意例外', keep: '不同意例外', liftTitle: '同意这个例外？', keepTitle: '不同意这个例外？', forever: '您的决定和理由会永久留痕，监督人员都能看到。', standing: '还有阻止条款没有解除，现在不能同意这次检查：', standingHint: '请先由{who}处理例外申请。', toVisit: '去处理例外申请',
    presence: '要求到场强度', tier: '企业等级', askedFor: '请企业准备',
  },
  late: { label: '补录', text: '这次检查是开始之后才登记的。', open: '等待企业确认', confirmed: '企业确认确有此次检查', denied: '企业称没有这次检查', ask: '这次检查是补录的。它真的发生过吗？', yes: '确有此次检查', no: '没有这次检查', yesTitle: '确认有过这次检查？', noTitle: '确认没有这次检查？', noText: '监督人员会看到您的回答。' },
  penalty: { label: '仍要处罚的理由', hint: '所列问题属于首违不罚事项；立案或移送须写明理由。', find: '在首违不罚清单中查找', act: '清单中的行为', open: '不在清单中，或不确定' },
  material: { title: '请提交材料', asked: '请准备：{text}', text: '说明', file: '添加文件（照片或 PDF）', send: '提交材料', need: '请写说明，或添加文件。', sent: '企业提交的材料', none: '企业还没有提交材料。', thanks: '已提交。', by: '{by}，{at}', files: '已添加 {n} 个文件' },
  ground: { title: '您可以拒绝检查的情形', only: '只有下列情形可以拒绝；其他情形应当配合。' },
}
