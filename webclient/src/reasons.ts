// Every reason the server may give for a "no": what happened, and what to do next.
// A reason without its sentence fails the type check; a Python test compares the keys with the server's list.

export { faultSays } from './faults'

export const REASONS = [
  'not_signed_in', 'token_expired', 'bad_credentials', 'locked_out', 'session_revoked', 'password_too_weak', 'not_permitted', 'not_found',
  'method_not_allowed', 'invalid_input', 'idempotency_key_missing', 'id_reused', 'idempotency_key_reused', 'too_large', 'too_many_requests', 'busy', 'internal_error',
  'unlisted_matter', 'too_few_inspectors', 'expired_certificate', 'inspector_of_other_agency', 'overdue_record', 'bad_window', 'matter_missing',
  'service_visit_has_matters', 'unknown_reference',
  'unknown_claim', 'not_authorised', 'too_many_helpers', 'off_site_possible', 'not_drawn', 'not_planned', 'cap_reached', 'too_close_together', 'repeated',
  'result_reusable', 'same_inspector', 'not_rotated', 'mergeable', 'budget_spent', 'quiet_day', 'filed_too_late', 'late_entry', 'blocked',
  'not_joinable', 'already_joined', 'head_must_propose', 'tier_exists', 'quiet_days_spent', 'quiet_day_too_soon', 'plan_exists', 'plan_empty', 'plan_stage',
  'change_needs_reason', 'draw_done', 'draw_pool_too_small', 'bad_pack', 'no_door', 'not_approved_yet', 'penalty_needs_reason', 'no_materials_asked',
  'stale_code', 'used_code', 'bad_phone_key', 'phone_enrolled', 'phones_full', 'owner_only', 'bad_slip', 'slip_used', 'not_an_inspector', 'not_our_visit',
  'enterprise_exists', 'no_phone', 'nobody_came', 'already_seen',
  'block_stands', 'not_liftable', 'own_registration',
  'wrong_stage', 'already_decided', 'not_your_agency', 'reason_missing',
  'unknown_code', 'forged_code', 'revoked_code', 'other_enterprise', 'not_approved', 'outside_window', 'not_on_visit', 'already_scanned',
  'visit_closed', 'bad_clock',
  'withdrawal_too_late', 'not_your_scan', 'already_withdrawn',
  'too_few_scans', 'not_on_site', 'already_recorded', 'checklist_incomplete', 'service_visit_has_findings', 'foreign_answer', 'unknown_evidence', 'finding_missing',
  'not_recorded', 'already_evaluated', 'evaluation_closed', 'enterprise_only',
  'unreadable_image', 'no_code_in_image', 'unreadable_file', 'unknown_columns', 'glyph_missing', 'plaque_revoked',
] as const

export type Reason = (typeof REASONS)[number]

export function isReason(text: unknown): text is Reason {
  return (REASONS as readonly unknown[]).includes(text)
}

export interface Words {
  /** What happened. */
  says: string
  /** What the reader can do now. */
  next: string
}

const say = (zh: string, zhNext: string, en: string, enNext: string) => ({ zh: { says: zh, next: zhNext }, en: { says: en, next: enNext } })

export const reasons: Record<Reason, { zh: Words; en: Words }> = {
  // Signing in and general answers
  not_signed_in: say('尚未登录。', '请登录后继续。', 'You are not signed in.', 'Sign in to go on.'),
  token_expired: say('登录已过期。', '请重新登录，未上传的内容会保留。', 'Your session has expired.', 'Sign in again; nothing waiting is lost.'),
  bad_credentials: say('账号或密码不正确。', '请核对后重试，连续输错会暂时锁定。', 'The account or the password is wrong.', 'Check both and try again; repeated errors lock the account for a while.'),
  locked_out: say('输错次数过多，账号已暂时锁定。', '请稍后再试，或请平台管理员重置密码。', 'Too many wrong passwords; the account is locked for a while.', 'Wait and try again, or ask the administrator for a new password.'),
  session_revoked: say('本设备的登录已被撤销。', '请重新登录；如非本人操作，请立即修改密码。', 'This device has been signed out from elsewhere.', 'Sign in again; if it was not you, change your password at once.'),
  password_too_weak: say('新密码过于简单。', '请使用不少于 10 位、含两类以上字符、不含账号名的密码。', 'The new password is too easy to guess.', 'Use at least 10 characters of two kinds or more, without your account name.'),
  not_permitted: say('您的账号无权进行此操作。', '如工作需要，请联系本单位负责人或平台管理员。', 'Your account may not do this.', 'Ask the head of your unit or the administrator if you need it.'),
  not_found: say('没有找到，或不在您的管辖范围内。', '请核对链接，或返回首页查找。', 'Not found, or outside your scope.', 'Check the link, or look for it from your home page.'),
  method_not_allowed: say('服务器不支持此操作。', '请刷新页面，更新到最新版本后重试。', 'The server does not offer this operation.', 'Reload to get the newest version and try again.'),
  invalid_input: say('填写的内容有误。', '请按提示修改后再提交。', 'Something in the form is not right.', 'Correct the fields named below and send again.'),
  idempotency_key_missing: say('请求缺少防重标识。', '请刷新页面后重试。', 'The request lacked its repeat guard.', 'Reload the page and try again.'),
  idempotency_key_reused: say('同一提交标识被用于不同内容。', '请重新填写并提交一次。', 'The same submission number was used for different content.', 'Fill in and send once more.'),
  id_reused: say('这个编号已用于另一条内容。', '请刷新页面后重新提交。', 'This id was used for something else already.', 'Reload the page and submit again.'),
  too_large: say('文件过大。', '请压缩或换一张较小的图片后重试。', 'The file is too large.', 'Shrink it or choose a smaller one.'),
  too_many_requests: say('操作过于频繁。', '请稍等片刻再试。', 'Too many requests in a short time.', 'Wait a moment and try again.'),
  busy: say('服务器繁忙或正在维护。', '请稍后重试，已填写的内容不会丢失。', 'The server is busy or under maintenance.', 'Try again shortly; what you filled in is kept.'),
  internal_error: say('服务器出现意外错误。', '请稍后重试；若反复出现，请把请求编号告诉管理员。', 'Something unexpected went wrong on the server.', 'Try again; if it stays, give the request number to the administrator.'),

  // Registration and approval
  unlisted_matter: say('所选事项不在公布的检查事项目录内。', '请改选目录内的检查事项。', 'A matter is not on the published list.', 'Choose matters from the published list.'),
  too_few_inspectors: say('执法人员不足两人。', '请再添加至少一名持有效执法证的人员。', 'Fewer than two inspectors are named.', 'Add at least one more inspector with a valid certificate.'),
  expired_certificate: say('有执法人员的执法证已过期。', '请更换人员，或先换发执法证。', 'An inspector’s certificate has expired.', 'Name someone else, or have the certificate renewed first.'),
  inspector_of_other_agency: say('所选执法人员不属于本单位或联合单位。', '请移除该人员，或把其所在单位加入联合检查。', 'An inspector belongs to neither your agency nor a joint one.', 'Remove the person, or add the agency as a joint one.'),
  overdue_record: say('您有逾期未填的检查记录，暂不能登记新的检查。', '请先补齐逾期记录；紧急检查不受此限。', 'You have overdue records, so no new visit may be registered.', 'Complete the overdue records first; urgent visits are exempt.'),
  bad_window: say('检查时间段不正确。', '结束须晚于开始，且不得早于当前时间。', 'The time window is not right.', 'The end must lie after the start, and not in the past.'),
  matter_missing: say('行政检查必须选择检查事项。', '请至少选择一项检查事项。', 'An inspection needs at least one matter.', 'Choose at least one matter.'),
  service_visit_has_matters: say('走访服务不得带检查事项。', '请去掉检查事项，或改为行政检查。', 'A service visit may not carry matters.', 'Remove the matters, or register an inspection.'),
  unknown_reference: say('所选的企业、单位、人员或事项不存在。', '请重新选择后提交。', 'An enterprise, agency, person or matter no longer exists.', 'Choose again and send.'),
  wrong_stage: say('该检查当前环节不能进行此操作。', '请刷新查看最新环节。', 'The visit is at a stage where this cannot be done.', 'Reload to see the present stage.'),
  already_decided: say('该登记已审批，不能重复审批。', '请刷新查看审批结果。', 'This registration has been decided already.', 'Reload to see the decision.'),
  not_your_agency: say('该检查不由您所在单位审批。', '请由相应单位负责人处理。', 'This visit is not for your agency to decide.', 'The head of the agency concerned must decide.'),
  reason_missing: say('必须说明理由。', '请填写理由后再提交。', 'A reason is required.', 'Write the reason and send again.'),

  unknown_claim: say('所填的例外不适用于本次登记。', '请重新预判后再提交。', 'An exception was claimed that does not apply here.', 'Check the registration again and send.'),
  not_authorised: say('本单位无权在该地检查所选事项。', '请改选本单位权责清单或赋权清单内的事项。', 'Your agency has no authority here for a matter chosen.', 'Choose matters of your own duty list, or of a delegation.'),
  too_many_helpers: say('辅助人员过多，或只有辅助人员。', '请减少辅助人员；辅助人员不得实施检查。', 'Too many helpers, or helpers alone.', 'Name fewer; helpers may not inspect.'),
  off_site_possible: say('所选事项可以非现场检查。', '请改为非现场检查，或说明必须入企的理由。', 'This can be inspected off site.', 'Inspect off site, or say why entry is needed.'),
  not_drawn: say('双随机检查的对象和人员须由抽取产生。', '请先完成随机抽取，再按结果登记。', 'A random check needs a draw.', 'Draw first, then register what was drawn.'),
  not_planned: say('本次检查不在已公布的年度计划内。', '请改选检查依据，或变更计划并重新备案。', 'This visit is not in a published yearly plan.', 'Choose another basis, or have the plan changed.'),
  cap_reached: say('已达年度检查频次上限。', '请合并到其他检查，或选择例外并附证据，由他人批准。', 'The yearly cap has been reached.', 'Join another visit, or claim an exception with evidence for a second person to grant.'),
  too_close_together: say('该企业近期检查过于密集。', '请改到下方建议的日期。', 'Too many visits of this enterprise in a short time.', 'Choose one of the days proposed.'),
  repeated: say('本单位近期已检查过。', '请使用已有结果，或选择例外并附证据。', 'Your agency inspected this recently.', 'Use that result, or claim an exception with evidence.'),
  result_reusable: say('已有可以互认的检查结果。', '请直接使用该结果。', 'A recent result can be used again.', 'Use that result.'),
  same_inspector: say('同一执法人员多次检查该企业未发现问题。', '请更换人员，或说明情况由负责人批准。', 'The same inspector has found nothing here several times.', 'Name someone else, or explain it for the head to grant.'),
  not_rotated: say('上次检查的人员应当轮换。', '请更换执法人员。', 'The inspectors of the last visit should rotate.', 'Name someone else.'),
  mergeable: say('可与其他单位的检查合并。', '请提议合并，或说明单独检查的理由。', 'This can be joined with another agency’s visit.', 'Propose to join it, or say why you go alone.'),
  budget_spent: say('该企业今年的检查精力预算已用完。', '请合并检查，或改为非现场检查。', 'The enterprise’s yearly budget of hours is spent.', 'Join another visit, or inspect off site.'),
  quiet_day: say('所选日期是企业无扰日。', '请改到下方建议的日期，或选择例外并附证据。', 'The day is a quiet day.', 'Choose one of the days proposed, or claim an exception with evidence.'),
  filed_too_late: say('登记时间距检查过近。', '请改到下方建议的日期。', 'This was registered too late before the visit.', 'Choose one of the days proposed.'),
  late_entry: say('检查已开始，超过可以补录的时限。', '请向负责人说明；不得先检查后登记。', 'The visit began before it was registered, beyond what may be entered late.', 'Explain it to your head; visits are registered first.'),
  blocked: say('规则不允许本次检查。', '请查看下方各条判定。', 'A rule does not allow this visit.', 'See the verdicts below.'),
  not_joinable: say('这次检查已不能合并。', '请单独登记，或选择其他计划中的检查。', 'This visit can no longer be joined.', 'Register your own, or join another.'),
  already_joined: say('本单位已在这次检查中。', '无需再次提议。', 'Your agency takes part already.', 'Nothing more to do.'),
  head_must_propose: say('该检查已获批准，须由负责人提议合并。', '请由本单位负责人提议。', 'The visit is approved, so your head must propose.', 'Ask the head of your agency.'),
  tier_exists: say('该企业这一天已有分级。', '请改用另一天，或查看分级历史。', 'A tier from this day exists already.', 'Choose another day, or see the history.'),
  quiet_days_spent: say('本月可自选的安静日已用完。', '请先取消一天，或改到下个月。', 'This month’s quiet days are all chosen.', 'Give one up, or choose another month.'),
  quiet_day_too_soon: say('这一天太近，来不及设为安静日。', '请按本页写明的提前天数，选择更晚的日期。', 'This day is too near to be made a quiet day.', 'Choose a later day, with the notice named on this page.'),
  plan_exists: say('该年度的计划已存在。', '请打开已有的计划。', 'A plan of this year exists already.', 'Open the one there is.'),
  plan_empty: say('计划中没有检查项目。', '请先添加项目。', 'The plan holds nothing yet.', 'Add items first.'),
  plan_stage: say('计划当前状态不能进行此操作。', '请刷新查看最新状态。', 'The plan is at a stage where this cannot be done.', 'Reload to see where it stands.'),
  change_needs_reason: say('计划已公布，变更须说明理由。', '请填写理由后再提交。', 'A published plan changes only with a reason.', 'Write the reason and send again.'),
  draw_done: say('抽取已完成，不能重抽。', '请查看已公布的结果。', 'This draw is done and cannot be repeated.', 'See the published result.'),
  draw_pool_too_small: say('抽取范围内的企业或执法人员不足。', '请扩大范围，或减少抽取数量。', 'The pool of enterprises or inspectors is too small.', 'Widen it, or draw fewer.'),
  bad_pack: say('规则包有错误。', '请按下列提示修改。', 'The policy pack has faults.', 'Correct what is listed below.'),
  no_door: say('这是非现场检查，无需扫码。', '请直接填写检查记录。', 'This inspection is off site: there is no door to scan at.', 'Go on to the record.'),
  not_approved_yet: say('该检查尚未审批通过，不能填写记录。', '请联系单位负责人审批。', 'The visit is not approved, so nothing can be recorded.', 'Ask the head of your agency.'),
  penalty_needs_reason: say('所列问题属于首违不罚事项。', '请改为指导，或说明处罚的理由。', 'A finding is on the first-offence list.', 'Give guidance, or say why a penalty is needed.'),
  no_materials_asked: say('这次检查没有要求提交材料。', '请查看检查通知。', 'No materials were asked for here.', 'See the notice of the visit.'),
  stale_code: say('这个码已过时。', '请对方刷新后重新扫码。', 'This code is out of date.', 'Ask for a fresh one and scan again.'),
  used_code: say('这个码已用过一次。', '请等待对方的码更新后再扫。', 'This code has been used once.', 'Wait for the next one and scan again.'),
  bad_phone_key: say('手机密钥无法识别。', '请更新浏览器后重试。', 'The phone’s key cannot be read.', 'Update the browser and try again.'),
  phone_enrolled: say('这部手机已登记。', '无需再次登记。', 'This phone is enrolled already.', 'Nothing more to do.'),
  phones_full: say('本企业登记的手机已满。', '请先停用一部旧手机。', 'Your enterprise has enrolled all the phones it may.', 'End one that is no longer used.'),
  owner_only: say('只有负责人可以停用他人的手机。', '请由负责人操作。', 'Only an owner may end another’s phone.', 'Ask an owner.'),
  bad_slip: say('一次码不正确。', '请核对纸上的 16 位字符后重新输入。', 'The one-time code is not right.', 'Check the 16 characters on paper and type them again.'),
  slip_used: say('这张一次码已用过。', '请联系管理员重新领取。', 'This one-time code has been used.', 'Ask the administrator for a new one.'),
  not_an_inspector: say('此人不是本次检查登记的执法人员。', '请勿配合；可拨打 12345 核实，并点“不是这些人”。', 'This person is not registered for the visit.', 'Do not go along; check by phone, and report it.'),
  not_our_visit: say('这不是对贵企业的有效检查。', '请勿配合；可拨打 12345 核实。', 'This is no valid visit of your enterprise.', 'Do not go along; check by phone.'),
  no_phone: say('这部手机尚未登记。', '请先在“我的手机”中登记。', 'This phone is not enrolled.', 'Enrol it first.'),
  nobody_came: say('这次检查没有人到场。', '请查看检查的最新状态。', 'Nobody came for this visit.', 'See where the visit stands.'),
  already_seen: say('这条反馈已处理。', '请刷新查看结果。', 'This report has been seen to.', 'Reload to see the outcome.'),
  enterprise_exists: say('该企业已在平台上。', '请直接选择该企业。', 'This enterprise is known already.', 'Choose it.'),
  block_stands: say('仍有阻止条款未被解除，暂不能批准。', '请先处理例外申请。', 'A block has not been lifted, so this cannot be approved.', 'Decide on the exception first.'),
  not_liftable: say('您不能解除这一条款。', '请由有权的人处理。', 'You may not lift this block.', 'Somebody with that right must decide.'),
  own_registration: say('不能解除自己登记的检查。', '请由另一名有权人员处理。', 'You cannot lift a block on your own registration.', 'A second person must decide.'),
  // Scans
  unknown_code: say('这不是入企码，也不是已登记企业的统一社会信用代码。', '请扫描企业公示的入企码，或核对后手动输入。', 'This is neither an enterprise code nor the number of a known enterprise.', 'Scan the enterprise’s plaque, or check the number and type it.'),
  forged_code: say('签名不符：此码是伪造或被篡改的。', '请勿据此开展检查；拍照留存，改用手动输入，并报告平台管理员。', 'The signature does not match: this code is forged or altered.', 'Do not rely on it; photograph it, type the number instead, and report it to the administrator.'),
  revoked_code: say('此企业码已作废。', '请扫描企业的新码；企业可联系管理员重新领取。', 'This plaque has been revoked.', 'Scan the new plaque; the enterprise can get one from the administrator.'),
  other_enterprise: say('扫到的是另一家企业的码。', '请核对门牌与企业名称，到登记的企业扫码。', 'This is another enterprise’s code.', 'Check name and address, and scan at the enterprise registered.'),
  not_approved: say('该检查尚未审批通过。', '请联系单位负责人审批后再扫码。', 'This visit has not been approved yet.', 'Ask the head of your agency to approve it, then scan again.'),
  outside_window: say('现在不在登记的检查时间段内。', '请在登记时间内扫码，或重新登记。', 'It is outside the registered time window.', 'Scan within the window, or register a new visit.'),
  not_on_visit: say('您不是本次检查登记的执法人员。', '请由登记的执法人员扫码。', 'You are not one of the inspectors registered for this visit.', 'One of the registered inspectors must scan.'),
  already_scanned: say('您已扫过码，无需重复。', '请直接填写检查记录。', 'This has been scanned already.', 'Go on to the record.'),
  visit_closed: say('该检查已结束，不能再扫码。', '如需再次入企，请重新登记。', 'This visit is closed and takes no more scans.', 'Register a new visit if you must enter again.'),
  bad_clock: say('手机时间与服务器相差过大。', '请把手机设为自动校时后重新扫码。', 'The phone’s clock is too far off.', 'Set the phone’s time to automatic and scan again.'),
  withdrawal_too_late: say('已超过可撤回的时间。', '请在检查记录中说明情况。', 'It is too late to withdraw this scan.', 'Explain it in the record instead.'),
  not_your_scan: say('只能撤回本人的扫码。', '请由扫码人本人撤回。', 'You can withdraw only your own scan.', 'The person who scanned must do it.'),
  already_withdrawn: say('该扫码已撤回。', '无需再次操作。', 'This scan has been withdrawn already.', 'Nothing more to do.'),

  // Record
  too_few_scans: say('扫码的执法人员人数不足。', '请其他执法人员先用本人账号扫码，再提交记录。', 'Too few inspectors have scanned.', 'Have the others scan with their own accounts, then seal the record.'),
  not_on_site: say('尚未扫码入企，不能填写记录。', '请先在现场扫码。', 'Nobody has scanned on site, so nothing can be recorded.', 'Scan at the enterprise first.'),
  already_recorded: say('检查记录已提交并封存。', '如需更正，请使用“补正”。', 'The record has been sealed already.', 'Use an amendment to correct it.'),
  checklist_incomplete: say('检查清单有未作答的项目。', '请逐项选择“符合”“不符合”或“不适用”。', 'The checklist has unanswered items.', 'Answer each with yes, no or not applicable.'),
  service_visit_has_findings: say('走访服务不得记录问题或处理。', '请删除问题；如发现违法线索，请另行登记检查。', 'A service visit carries no findings.', 'Remove them; register an inspection if there is cause.'),
  foreign_answer: say('作答的项目不属于本次检查事项。', '请刷新页面后重新填写。', 'An answer does not belong to this visit’s matters.', 'Reload the page and fill in again.'),
  unknown_evidence: say('有照片尚未上传成功。', '请在“待上传”中处理未成功的照片后重试。', 'A photo has not reached the server.', 'See to the photo in the outbox, then send the record again.'),
  finding_missing: say('责令改正、立案调查或移送，必须写明发现的问题。', '请在“发现的问题”中填写。', 'A correction order, a case or a transfer needs a finding.', 'Describe what was found.'),

  // Evaluation
  not_recorded: say('检查记录尚未提交，暂不能评价。', '记录提交后即可评价，届时会显示在首页。', 'The record is not sealed yet, so it cannot be rated.', 'It will appear on your home page as soon as it is.'),
  already_evaluated: say('您已评价过本次检查。', '每次检查只能评价一次，感谢您的反馈。', 'You have rated this visit already.', 'Each visit is rated once. Thank you.'),
  evaluation_closed: say('评价期限已过。', '如有意见，请通过投诉渠道反映。', 'The time for rating has passed.', 'Use the complaint channel if you have something to say.'),
  enterprise_only: say('只有企业账号可以评价。', '请由企业使用自己的账号评价。', 'Only the enterprise may rate.', 'The enterprise must use its own account.'),

  // Files
  unreadable_image: say('无法读取这张图片。', '请换一张 JPEG、PNG 或 WebP 图片。', 'The image cannot be read.', 'Choose another JPEG, PNG or WebP image.'),
  no_code_in_image: say('图片中没有找到二维码。', '请靠近、对正、避免反光后重拍，或手动输入。', 'No code was found in the image.', 'Come closer, hold it straight, avoid glare; or type the number.'),
  unreadable_file: say('无法读取这个文件。', '请使用模板另存为 .xlsx 或 UTF-8 编码的 .csv 后重新上传。', 'The file cannot be read.', 'Save it from the template as .xlsx or UTF-8 .csv and upload again.'),
  unknown_columns: say('文件缺少必需的列。', '请下载模板，按模板列名整理后上传。', 'The file lacks columns that are needed.', 'Download the template and use its column names.'),
  glyph_missing: say('企业名称中有字体不支持的字。', '请先核对名称用字，再印制。', 'The font lacks a character of the name.', 'Check how the name is written before printing.'),
  plaque_revoked: say('该企业码已作废，不能下载。', '请使用企业当前有效的码。', 'This plaque is revoked and cannot be downloaded.', 'Use the enterprise’s valid plaque.'),
}
